/** Ruby parameter lists, with or without brackets: `a, b = 1, *rest, key:, other: 2, **options, &block`. */
import { hashComments, withoutComments } from "../comments.ts";
import { collapse } from "../head.ts";
import type { Parameter } from "../outline.ts";
import { splitTop } from "../parameters.ts";

const quotes = "\"'";

export function readRubyParameters(list: string): Parameter[] {
  const inside = list.startsWith("(") ? list.slice(1).replace(/\)\s*$/, "") : list;
  const plain = inside.includes("\n") ? withoutComments(inside, hashComments) : inside;
  return splitTop(plain.slice(0, 4000), ",", quotes).slice(0, 100).map(readParameter);
}

function readParameter(part: string): Parameter {
  const match = /^([*&]*\w+)\s*(?::|=)\s*([\s\S]*)$/.exec(part);
  if (!match) return { name: collapse(part, 100) };
  const [, name, value] = match as unknown as [string, string, string];
  return value === "" ? { name } : { name, default: collapse(value, 200) };
}
