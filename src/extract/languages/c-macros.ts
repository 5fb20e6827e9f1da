/**
 * Macros that stand where the C and C++ grammars expect none: `API_BEGIN` on a line of its own, `class API Shape {`,
 * `API_EXPORT int f();`, `void lock() LOCKS(mutex);`. A parser that does not know them loses the class or namespace
 * around, so it is given a text in which they are blank. Used by c.ts and cpp.ts.
 */
import { blank } from "./readable.ts";

/** By custom only macros are all in capitals; four letters at least, so that type parameters (`T`) are left alone. */
const macro = String.raw`[A-Z][A-Z0-9_]{3,}(?:\([^()\n]*\))?`;

/** A line that holds nothing else; before a body it is what is defined (`TEST(Suite, Name)`). */
const ownLine = new RegExp(String.raw`^[ \t]*${macro}[ \t]*$(?!\s*\{)`, "gm");

const afterKeyword = new RegExp(
  String.raw`\b(class|struct|union|enum(?:[ \t]+class)?)((?:[ \t]+${macro})+)(?=\s+[A-Za-z_])`,
  "g",
);

/** Before a type and a name with parameters: one name in capitals alone may be the type (`BOOL f()`). */
const beforeFunction = new RegExp(
  String.raw`^([ \t]*)(${macro})(?=[ \t]+[A-Za-z_][\w:]*(?:<[^<>\n]*>)?[ \t*&]+[A-Za-z_]\w*[ \t]*\()`,
  "gm",
);

const afterParameters = new RegExp(String.raw`(\))((?:[ \t]+${macro})+)(?=\s*[;{])`, "g");

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

const keepFirst = (_match: string, kept: string, macros: string): string => kept + blank(macros);

/** The text with such macros blank: same length, same lines. */
export function blankMacros(text: string): string {
  return text
    .replace(externC, blank)
    .replace(ownLine, blank)
    .replace(afterKeyword, keepFirst)
    .replace(beforeFunction, keepFirst)
    .replace(afterParameters, keepFirst);
}
