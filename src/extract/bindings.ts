/**
 * Variables whose type the text tells: what a call is assigned to, and what is declared with a type. Read from the
 * text around, a bounded piece of it. Used by walk.ts.
 */
import { skipSpace, skipSpaceBack } from "./head.ts";

/** `x =`, `self.x =`, `@x =`, `x: T =`, `x :=`, at the end of what stands before a call. */
const target =
  /((?:(?:self|this)\s?(?:\.|->)\s?|[@$])?[#$]?\w+)\s*(?::\s*[\w.<>[\]?*&, |]{1,60})?\s*(?<![=!<>+\-*/%|&^~?])(?::=|=)$/;

/**
 * The name that the value of a call is given to, when the call is all of the value: `start` is where the callee
 * starts, `end` where its arguments end.
 */
export function assignedTarget(text: string, start: number, end: number): string | undefined {
  const before = beforeValue(text, start);
  if (text[before - 1] !== "=" || !isWhole(text, end)) return undefined;
  const name = target.exec(text.slice(Math.max(0, before - 120), before))?.[1];
  return name?.replace(/\s/g, "");
}

/** `await`, `new` and `&` say how the value is made, not what it is. */
function beforeValue(text: string, start: number): number {
  let at = skipSpaceBack(text, start);
  for (let i = 0; i < 3; i++) {
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
