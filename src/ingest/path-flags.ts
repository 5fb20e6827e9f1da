/** What a path alone says of a file: test, example, legacy code, header, entry point. Read by document.ts. */
import { DocumentFlag, splitPath } from "../model/lexical-document.ts";

const TEST =
  /(^|\/)(tests?|__tests__|specs?|testing|testdata|fixtures?|mocks?|__mocks__|testsuite|e2e|benchmarks?|bench|perf)(\/|$)|(^|\/)(test_[^/]*|[^/]*[_.-](test|spec|bench|benchmark)|[^/]*(Test|Tests|Spec|Suite|TestCase)|conftest|mocks?)\.[a-z]+$|(^|\/)test_?helpers?/;
const EXAMPLE =
  /(^|\/)(examples?|_examples?|samples?|demos?|docs?|docs?_src|tutorials?|playground|templates?|stubs?)(\/|$)/i;
const COMPAT =
  /(^|\/)(_?compat|legacy|deprecated|vendor|vendored|third_party|extern(al)?|polyfills?)(\/|$)|(^|[/_])(compat|legacy|deprecated)/i;
const BARRELS = new Set([
  "__init__",
  "index",
  "mod",
  "lib",
  "package-info",
  "main",
  "prelude",
  "types",
  "all",
  "init",
  "exports",
  "_init",
]);

/** Bits of DocumentFlag; `isText` is true for files Momo knows only the words of. */
export function pathFlags(path: string, isText: boolean): number {
  let flags = isText ? DocumentFlag.text : 0;
  if (TEST.test(path)) flags |= DocumentFlag.test;
  if (EXAMPLE.test(path)) flags |= DocumentFlag.example;
  if (COMPAT.test(path)) flags |= DocumentFlag.compat;
  if (/\.(h|hpp|hh|hxx)$/.test(path)) flags |= DocumentFlag.header;
  if (path.endsWith(".d.ts")) flags |= DocumentFlag.declaration;
  if (BARRELS.has(splitPath(path).stem.toLowerCase())) flags |= DocumentFlag.barrel;
  return flags;
}
