/**
 * SQL: what is created, found by pattern because the dialects differ too much for one grammar. One pass over the
 * text; comments, strings and quoted bodies are stepped over with indexOf, so the time is linear.
 */

import type { EntityType, Parameter } from "../../model/outline.ts";
import type { CommentStyle } from "../comments.ts";
import { closeOf, collapse, headLimit, skipSpace } from "../head.ts";
import { splitArguments, splitTop } from "../parameters.ts";
import type { PatternRules } from "../rules.ts";
import type { Walk } from "../walk.ts";

const comments: CommentStyle = {
  line: ["--"],
  block: ["/*", "*/"],
  pattern: /\/\*[^*]*(?:\*(?!\/)[^*]*)*\*\/|--.*$/gm,
};

const reading = { quotes: `"'`, comment: "--" } as const;

export const sql: PatternRules = { comments, read };

/** What a CREATE statement of each kind defines. */
const kinds: Record<string, EntityType> = {
  table: "class",
  view: "class",
  function: "function",
  procedure: "function",
  proc: "function",
  trigger: "function",
  type: "type",
  domain: "type",
  index: "variable",
  schema: "module",
  sequence: "variable",
  synonym: "variable",
  policy: "variable",
  event: "function",
  aggregate: "function",
  package: "module",
};

/** Where a signature stops, by kind; else at the end of the statement. */
const heads: Record<string, RegExp> = {
  table: /\s*\((?=\s*[^\s)])|\bas\b/i,
  view: /\bas\b/i,
  function: /\bas\b|\bbegin\b|\bis\b|\$\w*\$/i,
  procedure: /\bas\b|\bbegin\b|\bis\b|\$\w*\$/i,
  proc: /\bas\b|\bbegin\b/i,
  trigger: /\bbegin\b|\bas\b/i,
};

const name = String.raw`(?:"[^"\n]+"|\`[^\`\n]+\`|\[[^\]\n]+\]|[\w$#@]+)`;
const create = new RegExp(
  String.raw`create\s+(?:(?:or|replace|alter|global|local|temp|temporary|unlogged|materialized|recursive|editionable|` +
    "unique|clustered|nonclustered|columnstore|bitmap|fulltext|spatial|external|foreign|virtual|constraint|aggregate|" +
    String.raw`force|secure|definer\s*=\s*\S+|sql\s+security\s+\w+|algorithm\s*=\s*\w+)\s+)*` +
    String.raw`(${Object.keys(kinds).join("|")})\s+(?:body\s+)?(?:concurrently\s+)?(?:if\s+not\s+exists\s+)?` +
    String.raw`(${name}(?:\s*\.\s*${name}){0,3})`,
  "iy",
);

/** Everything a reader of statements has to stop at. */
const tokens = () =>
  /--|\/\*|'|\$(?:[a-z_]\w*)?\$|;|\bcreate\b|\bbegin\b|\bcase\b|\bend\b(?!\s+(?:if|loop|while|repeat|for)\b)|^[ \t]*(?:go|\/)[ \t]*$/gim;

interface Statement {
  start: number;
  nameStart: number;
  kind: string;
  path: string;
  /** Open BEGIN and CASE words: a semicolon inside of them ends nothing. */
  depth: number;
}

function read(walk: Walk): void {
  const { text } = walk;
  const token = tokens();
  let open: Statement | undefined;
  for (let match = token.exec(text); match; match = token.exec(text)) {
    const word = match[0].trim().toLowerCase();
    const after = endOfSkipped(text, word, token.lastIndex);
    if (after !== undefined) {
      token.lastIndex = after;
      continue;
    }
    const next = word === "create" ? statementAt(walk, match.index) : undefined;
    if (open && (next || endsStatement(open, word))) {
      // `go` and `/` are no part of what they end.
      define(walk, open, next?.start ?? (word === ";" ? token.lastIndex : match.index));
      open = undefined;
    }
    open = next ?? open;
  }
  if (open) define(walk, open, text.length);
}

/** Index after a comment, a string or a quoted body that starts with `word`; undefined for another word. */
function endOfSkipped(text: string, word: string, from: number): number | undefined {
  if (word === "--") return indexAfter(text, "\n", from);
  if (word === "/*") return indexAfter(text, "*/", from);
  if (word === "'") return indexAfter(text, "'", from);
  return word.startsWith("$") ? indexAfter(text, text.slice(from - word.length, from), from) : undefined;
}

function indexAfter(text: string, mark: string, from: number): number {
  const found = text.indexOf(mark, from);
  return found < 0 ? text.length : found + mark.length;
}

/** Counts the block words of the open statement; true when `word` ends it. */
function endsStatement(open: Statement, word: string): boolean {
  if (word === "begin" || word === "case") open.depth++;
  else if (word === "end") open.depth--;
  else if (word === ";") return open.depth <= 0;
  else if (word === "go" || word === "/") return true;
  return false;
}

/** The CREATE statement at `start`, when it creates something that has a name. */
function statementAt(walk: Walk, start: number): Statement | undefined {
  create.lastIndex = start;
  const match = create.exec(walk.text);
  if (!match) return undefined;
  const path = match[2]!;
  if (/^(?:on|as|if|authorization)$/i.test(path)) return undefined;
  const nameStart = start + match[0].length - path.length;
  return { start, nameStart, kind: match[1]!.toLowerCase(), path, depth: 0 };
}

function define(walk: Walk, { start, nameStart, kind, path }: Statement, end: number): void {
  const { text } = walk;
  walk.moveTo(start);
  const parts = [...path.matchAll(/"([^"]+)"|`([^`]+)`|\[([^\]]+)\]|([\w$#@]+)/g)].map(
    (one) => one[1] ?? one[2] ?? one[3] ?? one[4]!,
  );
  const own = parts.pop()!;
  const type = kinds[kind]!;
  const headEnd = endOfHead(text, kind, { from: nameStart + path.length, end });
  const open = skipSpace(text, nameStart + path.length);
  // A schema is part of the name, not a definition of this file.
  if (parts.length > 0) walk.open({ kind: "module", qualified: parts.join("."), end });
  const entity = walk.define({
    type,
    name: own,
    start,
    end,
    nameStart: nameStart + path.lastIndexOf(own),
    headEnd,
    ...(type === "function" && { opens: "function", parameters: readList(text, open) }),
    returns: /\breturns\s+([\w.]+(?:\s*\([^)]*\))?(?:\[\])?)/i.exec(text.slice(open, headEnd))?.[1],
  });
  if (entity && type === "function") readBody(walk, { start, headEnd, end });
}

function endOfHead(text: string, kind: string, { from, end }: { from: number; end: number }): number {
  const stop = heads[kind];
  const open = skipSpace(text, from);
  const past = kind !== "table" && text[open] === "(" ? closeOf(text, open, reading) : from;
  if (!stop) return end;
  const found = text.slice(past, Math.min(end, past + 1000)).search(stop);
  return found < 0 ? end : past + found;
}

/** `(a NUMERIC, OUT b NUMERIC DEFAULT 1)` */
function readList(text: string, open: number): Parameter[] {
  // `create procedure p @a int = 1, @b text as`: without brackets.
  const stop = text.slice(open, open + headLimit).search(/\b(?:as|with|for)\b/i);
  const parts =
    text[open] === "@" && stop > 0
      ? splitTop(text.slice(open, open + stop), ",", reading.quotes)
      : text[open] === "("
        ? splitArguments(text, open, reading)
        : [];
  return parts.slice(0, 100).flatMap((part) => {
    const match =
      /^(?:(?:in|out|inout|variadic)\s+)?([@\w"]+)\s*([\s\S]*?)(?:\s*(?:\bdefault\b|:=|=)\s*([\s\S]+))?$/i.exec(
        part,
      );
    if (!match) return [];
    const one: Parameter = { name: match[1]! };
    if (match[2]) one.type = collapse(match[2], 200);
    if (match[3]) one.default = collapse(match[3], 200);
    return [one];
  });
}

/** Decisions in a body, and the function that a trigger runs. */
function readBody(
  walk: Walk,
  { start, headEnd, end }: { start: number; headEnd: number; end: number },
): void {
  const body = walk.text.slice(headEnd, end);
  for (const _ of body.matchAll(
    /\b(?<!\bend\s+)(?:if(?!\s+(?:not\s+)?exists\b(?!\s*\())|els?e?if|while|when)\b/gi,
  ))
    walk.branch();
  const runs = /\bexecute\s+(?:function|procedure)\s+(?:\w+\.)*(\w+)/i.exec(walk.text.slice(start, end));
  if (runs) walk.callTo(runs[1]!, start + runs.index);
}
