/**
 * Variables whose type the text tells: what a call is assigned to, and what is declared with a type. Read from the
 * text around, a bounded piece of it. Used by walk.ts.
 */
import { identifierEndingAt, skipSpace, skipSpaceBack } from "./head.ts";

/**
 * The name that the value of a call is given to, when the call is all of the value: `start` is where the callee
 * starts, `end` where its arguments end. `x`, or `self.x`, `this.x`, `@x`; what is given to anything else is not said.
 */
export function assignedTarget(text: string, start: number, end: number): string | undefined {
  const before = beforeValue(text, start);
  if (text[before - 1] !== "=" || !isWhole(text, end)) return undefined;
  const mark = text[before - 2] ?? "";
  if ("=!<>+-*/%|&^~?".includes(mark) && mark !== "") return undefined;
  const written = skipSpaceBack(text, before - (mark === ":" ? 2 : 1));
  const nameEnd = mark === ":" ? written : beforeAnnotation(text, written);
  return nameEnd === undefined ? undefined : targetEnding(text, nameEnd);
}

/** Where the name ends in `x: a.List[T] =`, a type of at most 60 characters; `end` itself in `x =`. */
function beforeAnnotation(text: string, end: number): number | undefined {
  const word = identifierEndingAt(text, end);
  let before = end - word.length;
  while (text[before - 1] === " ") before--;
  if (word !== "" && text[before - 1] === ":" && text[before - 2] !== ":")
    return skipSpaceBack(text, before - 1);
  if (word !== "" && text[before - 1] !== "." && text[before - 1] !== "|") return end;
  const near = text.slice(Math.max(0, end - 60), end);
  const colon = near.lastIndexOf(":");
  if (colon < 0 || !/^[\w\s.<>[\]?*&,|]*$/.test(near.slice(colon + 1)) || near.includes("\n", colon))
    return word === "" ? undefined : end;
  return skipSpaceBack(text, end - near.length + colon);
}

/** `x`, `@x`, `self.x`, `$this->x`: the name that ends here. */
function targetEnding(text: string, end: number): string | undefined {
  const word = identifierEndingAt(text, end);
  if (word === "") return undefined;
  let start = end - word.length;
  while (text[start - 1] === "@" || text[start - 1] === "#") start--;
  const joint = text[start - 1] === "." ? "." : text.startsWith("->", start - 2) ? "->" : "";
  if (joint === "") return text.slice(start, end);
  const owner = identifierEndingAt(text, start - joint.length);
  return owner === "self" || owner === "this" || owner === "$this"
    ? `${owner}${joint}${text.slice(start, end)}`
    : undefined;
}

/** `await`, `new` and `&` say how the value is made, not what it is. */
function beforeValue(text: string, start: number): number {
  let at = skipSpaceBack(text, start);
  for (let i = 0; i < 3 && text[at - 1] !== "="; i++) {
    const word = /(?:\b(?:await|new|try|const)|&)$/.exec(text.slice(Math.max(0, at - 6), at))?.[0];
    if (word === undefined) break;
    at = skipSpaceBack(text, at - word.length);
  }
  return at;
}

/** False where the value goes on: `Foo().bar()`, `a() or b()`. */
function isWhole(text: string, end: number): boolean {
  let at = end;
  while (text[at] === " " || text[at] === "\t") at++;
  const next = text[at];
  if (next === undefined || ";,)}#".includes(next) || text.startsWith("//", at)) return true;
  if (next !== "\n" && next !== "\r") return false;
  const continued = text[skipSpace(text, at)];
  return continued !== "." && continued !== "?" && continued !== "-";
}

const named = /^(?:[a-z]+\s+)*?((?:(?:self|this)\.)?[#$]?\w+)\??!?\s*:\s*([^\s=;][^=;\n]*)/;
const typed =
  /^(?:(?:final|const|static|private|public|protected|readonly|volatile|late|var)\s+)*([A-Za-z_][\w.:]*(?:<[^;={}()]*>)?[?*&[\]\s]*?)[\s*&]+(\w+)\s*(?=[=;({]|$)/;

/** `x: Foo = …` or `Foo x = …`: the name and the type, `var` and the like left out. */
export function annotatedTarget(
  declaration: string,
  style: "named" | "typed",
): { name: string; type: string } | undefined {
  const match = (style === "named" ? named : typed).exec(declaration);
  if (!match) return undefined;
  const [name, type] = (style === "named" ? [match[1]!, match[2]!] : [match[2]!, match[1]!]) as [
    string,
    string,
  ];
  const written = type.replace(/\s+/g, " ").trim().slice(0, 100);
  return written === "" || notTypes.has(written) ? undefined : { name, type: written };
}

const notTypes = new Set(["var", "auto", "let", "return", "new", "throw", "else", "dynamic", "val"]);
