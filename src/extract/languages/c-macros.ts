/**
 * Macros that stand where the C and C++ grammars expect none: `API_BEGIN` on a line of its own, `class API Shape {`,
 * `API_EXPORT int f();`, `void lock() LOCKS(mutex);`. A parser that does not know them loses the class or namespace
 * around, so it is given a text in which they are blank. Used by c.ts and cpp.ts.
 */
import { skipSpaceBack } from "../head.ts";
import { blank } from "./readable.ts";

/** By custom only macros are all in capitals; four letters at least, so that type parameters (`T`) are left alone. */
const macro = String.raw`[A-Z][A-Z0-9_]{3,}(?:\([^()\n]*\))?`;

/** As `macro`, where nothing else can be meant. */
const word = String.raw`[A-Z][A-Z0-9_]+(?:\((?:[^()\n]|\([^()\n]*\))*\))?`;

/**
 * A line that holds nothing else; before a body it is what is defined (`TEST(Suite, Name)`), after a comma the last
 * name of a list.
 */
const ownLine = new RegExp(String.raw`^[ \t]*(?:${macro}|${word}(?:[ \t]+${word})+)[ \t]*$(?!\s*\{)`, "gm");

/** The same with arguments and without indent. */
const ownCall = /^[A-Z][A-Z0-9_]+\((?:[^()\n]|\([^()\n]*\))*\)[ \t]*$(?!\s*\{)/gm;

const notAfterComma = (found: string, at: number, text: string): string =>
  text[skipSpaceBack(text, at) - 1] === "," ? found : blank(found);

/** A macro whose value is blank would go on to the next line. */
const notInDirective = (found: string, at: number, text: string): string =>
  /^[ \t]*#/.test(text.slice(text.lastIndexOf("\n", at) + 1, at)) ? found : blank(found);

/** `__attribute__((format(printf, 1, 2)))` wherever it stands. */
const attribute = /\b__attribute__[ \t]*\(\((?:[^()]|\((?:[^()]|\([^()]*\)){0,200}\)){0,200}\)\)/g;

/** Names that only compilers and kernels give: `__init`, `__printf(1, 2)`. */
const annotation = String.raw`__(?!attribute|declspec|asm|typeof|extension|restrict|inline|volatile|const|signed|u?int|[usblm][el]?\d)[a-z]\w*`;

const storage =
  "static|extern|inline|const|volatile|typedef|struct|union|enum|unsigned|signed|return|else|case|goto|register";

/** `int __init start(`, `int API_CALL start(`: between a type and a name. */
const beforeName = new RegExp(
  String.raw`^([ \t]*(?:(?:${storage}|${macro})[ \t]+)*(?!(?:${storage})\b)[a-z]\w*[ \t*]+)((?:${annotation}|[A-Z][A-Z0-9_]{3,})(?:[ \t]+${annotation})*)(?=[ \t]+\**[A-Za-z_]\w*[ \t]*\()`,
  "gm",
);

/** `extern __printf(1, 2) int log(`: before the type. */
const calledBefore = new RegExp(
  String.raw`^([ \t]*(?:(?:static|extern|inline)[ \t]+)*)(${annotation}\([^()\n]*\))(?=[ \t]+[A-Za-z_])`,
  "gm",
);

/** What says nothing about a type: attributes, and the macros between a type and a name. */
export const attributes = new RegExp(
  String.raw`${attribute.source}|(?<=[\w*] )(?:${annotation}|[A-Z][A-Z0-9_]{3,})(?=\s*$)|\b${annotation}\([^()\n]*\)`,
  "g",
);

const afterKeyword = new RegExp(
  String.raw`\b(class|struct|union|enum(?:[ \t]+class)?)((?:[ \t]+${macro})+)(?=\s+[A-Za-z_])`,
  "g",
);

/** Before a type and a name with parameters: one name in capitals alone may be the type (`BOOL f()`). */
const beforeFunction = new RegExp(
  String.raw`^([ \t]*)(${macro})(?=[ \t]+[A-Za-z_][\w:]*(?:<[^<>\n]*>)?[ \t*&]+(?:[A-Za-z_]\w*[ \t]*[(;={]|\([ \t]*\*))`,
  "gm",
);

/** `static INLINE_VARIABLE constexpr int n`, `friend CONSTEXPR auto f()`, `EXPLICIT operator int()`. */
const afterStorage = new RegExp(
  String.raw`\b((?:static|friend|inline|constexpr|virtual|explicit)[ \t]+)(${macro})(?=[ \t]+[A-Za-z_][\w:]*(?:<[^<>\n]*>)?[ \t*&]+[A-Za-z_])`,
  "g",
);
const beforeOperator = new RegExp(String.raw`^([ \t]*)(${macro})(?=[ \t]+operator\b)`, "gm");

/** What a function throws; an expression in there that is itself a `noexcept` is more than the grammar knows. */
const throwsNothing = /\bnoexcept\s*\((?:[^()]|\((?:[^()]|\((?:[^()]|\([^()]*\)){0,99}\)){0,99}\)){0,99}\)/g;

const afterParameters = new RegExp(
  String.raw`(\)(?:[ \t]+(?:const|noexcept|override|final))*)((?:[ \t]+${macro})+)(?=\s*[;{])`,
  "g",
);

/** `extern "C" {` in one `#ifdef __cplusplus`, its `}` in another: half a block each, which no grammar can read. */
const externC =
  /^[ \t]*#[ \t]*if(?:def[ \t]+|[ \t]+defined[ \t]*\(?[ \t]*)__cplusplus\b.*\n\s*(?:extern[ \t]+"C"[ \t]*\{|\}).*\n\s*#[ \t]*endif\b.*$/gm;

const before = new RegExp(String.raw`(?:^|\n)[ \t]*((?:(?!\w*_(?:BEGIN|END)\b)${macro}\s+)+)$`);

/** Where a definition starts that the parser saw from `start` on: at the macros that stand before it on its lines. */
export function startWithMacros(text: string, start: number): number {
  const found = before.exec(text.slice(Math.max(0, start - 200), start))?.[1];
  return found === undefined || /\n\s*\n/.test(found) ? start : start - found.length;
}

const leading = new RegExp(String.raw`^(?:${macro}\s+)+(?=\w)`);

/** A head without the macros it starts with; a name in capitals that stands alone is a type. */
export const withoutMacros = (head: string): string => head.replace(leading, "");

/** `TEST_IMPL(name) {` is a function without a type; to the grammar of C it has to have one. */
const macroFunction = /^[A-Z][A-Z0-9_]{3,}(?=\((?:[^()\n]|\([^()\n]*\))*\)\s*\{)/gm;

const typed = (name: string): string => `v ${name.slice(2)}`;

const keepFirst = (_match: string, kept: string, macros: string): string => kept + blank(macros);

/** The text as the grammar of C can read it. */
export const readableC = (text: string): string => blankMacros(text).replace(macroFunction, typed);

/** The text as the grammar of C++ can read it. */
export const readableCpp = (text: string): string =>
  blankMacros(text)
    .replace(afterStorage, keepFirst)
    .replace(beforeOperator, keepFirst)
    .replace(throwsNothing, blank);

/** The text with such macros blank: same length, same lines. */
function blankMacros(text: string): string {
  return text
    .replace(externC, blank)
    .replace(attribute, notInDirective)
    .replace(ownLine, notAfterComma)
    .replace(ownCall, notAfterComma)
    .replace(calledBefore, keepFirst)
    .replace(beforeName, keepFirst)
    .replace(afterKeyword, keepFirst)
    .replace(beforeFunction, keepFirst)
    .replace(afterParameters, keepFirst);
}
