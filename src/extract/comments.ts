/** Doc comments: the comment block directly above a definition, marks removed. Used by entity-reader.ts. */

import type { Lines } from "./lines.ts";

export interface CommentStyle {
  /** Marks that start a comment line. */
  line: readonly string[];
  /** What opens and closes a block comment. */
  block?: readonly [open: string, close: string];
  /** Any comment inside of a head. */
  pattern: RegExp;
  /** Doc comments are written in XML: tags are marks, too. */
  tags?: boolean;
}

export const slashComments: CommentStyle = {
  line: ["//"],
  block: ["/*", "*/"],
  pattern: /\/\*[^*]*(?:\*(?!\/)[^*]*)*\*\/|(?<=^|\s)\/\/.*$/gm,
};

export const hashComments: CommentStyle = { line: ["#"], pattern: /(?<=^|\s)#.*$/gm };

export const withoutComments = (text: string, style: CommentStyle): string =>
  text.replace(style.pattern, " ");

/** A comment of more lines is a licence or dead code; it also bounds the work. */
const maxLines = 300;
const maxLength = 2000;

/** The comment block that ends on the line before `line` (0-based), or undefined. */
export function commentAbove(lines: Lines, line: number, style: CommentStyle): string | undefined {
  if (line === 0) return undefined;
  const last = lines.at(line - 1).trim();
  if (last === "") return undefined;
  const [open, close] = style.block ?? [];
  const block = close !== undefined && last.endsWith(close);
  if (!block && !startsWithAny(last, style.line)) return undefined;
  const collected: string[] = [];
  for (let i = line - 1; i >= 0 && collected.length < maxLines; i--) {
    const text = lines.at(i).trim();
    if (block) {
      collected.push(text);
      if (text.includes(open!))
        return text.startsWith(open!) ? cleanBlock(collected.reverse(), style) : undefined;
    } else {
      if (!startsWithAny(text, style.line)) break;
      collected.push(text);
    }
  }
  if (block) return undefined;
  const cleaned = collected.reverse().map(withoutMark);
  return tidy(style.tags ? withoutTags(cleaned) : cleaned);
}

const startsWithAny = (text: string, marks: readonly string[]): boolean =>
  marks.some((one) => text.startsWith(one));

function cleanBlock(lines: string[], style: CommentStyle): string | undefined {
  const [open, close] = style.block!;
  const text = lines.join("\n");
  const inner = text.slice(open.length, Math.max(open.length, text.length - close.length));
  return tidy(inner.split("\n").map((line) => line.replace(/^\s*(?:\*+|\|(?= ))[!<]?\s?/, "")));
}

/** `/// text`, `// text`, `# text`, `-- | text`, `--- text`: the mark, what doubles it, and one blank. */
const withoutMark = (line: string): string =>
  line.replace(/^(?:\/{2,}[!<]?|#+[!:]?|-{2,}(?: [|^])?|%+|;+)\s?/, "");

/** `<see cref="X"/>` leaves X; a line that held only a tag goes. */
const withoutTags = (lines: string[]): string[] =>
  lines
    .map((line) => line.replace(/<\w+ \w+="([^"<>]*)" ?\/>/g, "$1"))
    .filter((line) => !/^\s*<[^<>]*>\s*$/.test(line))
    .map((line) => line.replace(/<\/?[a-zA-Z][^<>]*>/g, ""));

/** Common indent, rulers and blank lines at both ends removed; undefined when nothing is left. */
export function tidy(lines: string[]): string | undefined {
  const kept = lines.map((line) => (/^\s*[-=*#~_/]{3,}\s*$/.test(line) ? "" : line.trimEnd()));
  const indents = kept.slice(1).filter((line) => line !== "");
  const indent = Math.min(...indents.slice(0, 50).map((line) => line.search(/\S/)), 100);
  const text = kept
    .map((line, i) =>
      i === 0
        ? line.trimStart()
        : line.slice(0, indent).trim() === ""
          ? line.slice(indent)
          : line.trimStart(),
    )
    .join("\n")
    .trim()
    .slice(0, maxLength);
  return text === "" ? undefined : text;
}
