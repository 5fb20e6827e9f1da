/**
 * Text made readable for a grammar that does not know all of its language: what it cannot read is replaced by as many
 * other characters, so that every position stays true. Only the parser sees the result. Used by the language files.
 */

/** White space in place of every character; line breaks stay. */
export const blank = (text: string): string => text.replace(/[^\r\n]/g, " ");

/** One branch of a condition that is still open. */
interface Branch {
  /** Index after the directive that opens it. */
  from: number;
  /** For what follows an `#else`: whether the first branch is whole. */
  firstWhole?: boolean;
}

/** To look at longer branches is not worth the time: they count as whole. */
const branchLimit = 20_000;

/**
 * `#if … #else … #endif` without the directives. A branch after the first one stays when it and the first one are
 * whole (brackets closed, and it ends the way `ends` says): two halves of a declaration cannot both be read.
 */
export const withoutConditions = (text: string, ends: RegExp): string => readConditions(text, ends).text;

/** A C text without its conditions where some branch is half a declaration; undefined where none is. */
export function withoutHalves(text: string, readable: (text: string) => string): string | undefined {
  const { text: shorter, halves } = readConditions(text, /[;}\]]$/);
  return halves ? readable(shorter) : undefined;
}

function readConditions(text: string, ends: RegExp): { text: string; halves: boolean } {
  if (!/^[ \t]*#[ \t]*if(?:n?def)?\b/m.test(text)) return { text, halves: false };
  let halves = false;
  const blanked: [from: number, to: number][] = [];
  const open: Branch[] = [];
  for (const match of text.matchAll(/^[ \t]*#[ \t]*(ifn?def|if|elif(?:n?def)?|elseif|else|endif)\b.*$/gm)) {
    const start = match.index;
    const from = start + match[0].length;
    blanked.push([start, from]);
    const directive = match[1]!.replace(/n?def$/, "");
    const branch = directive === "if" ? undefined : open.pop();
    const whole = branch === undefined || isWhole(text.slice(branch.from, start), ends);
    halves ||= !whole;
    if (branch?.firstWhole !== undefined && !(branch.firstWhole && whole)) blanked.push([branch.from, start]);
    if (directive === "if") open.push({ from });
    else if (directive !== "endif") open.push({ from, firstWhole: branch?.firstWhole ?? whole });
  }
  return { text: replaced(text, blanked), halves };
}

const commentOrDirective = /^[ \t]*#.*$|(?<=^|\s)\/\/.*$|\/\*(?:[^*]|\*(?!\/))*\*\//gm;

/** A comment or a quoted text, in which a bracket means nothing, or a bracket. */
const quotedOrBracket =
  /\/\/.*|\/\*(?:[^*]|\*(?!\/))*\*\/|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)+'|[()[\]{}]/g;

function isWhole(branch: string, ends: RegExp): boolean {
  if (branch.length > branchLimit) return true;
  const code = branch.replace(commentOrDirective, "").trim();
  if (code === "") return true;
  let depth = 0;
  for (const [bracket] of code.matchAll(quotedOrBracket)) {
    if (bracket.length > 1) continue;
    depth += "([{".includes(bracket) ? 1 : -1;
    if (depth < 0) return false;
  }
  return depth === 0 && ends.test(code);
}

/** The ranges blanked; a range may hold others. */
function replaced(text: string, ranges: [from: number, to: number][]): string {
  let result = "";
  let at = 0;
  for (const [from, to] of ranges.sort((a, b) => a[0] - b[0] || b[1] - a[1])) {
    if (to <= at) continue;
    const start = Math.max(from, at);
    result += text.slice(at, start) + blank(text.slice(start, to));
    at = to;
  }
  return result + text.slice(at);
}
