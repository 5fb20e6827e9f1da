/**
 * Reads JSON that strangers send: what two parsers could understand differently (a key that is there twice, bytes that
 * are no UTF-8) or what is made to break one (depth, `__proto__`) is refused rather than guessed.
 */
import { MomoError } from "../errors.ts";
import { MAX_JSON_DEPTH, MAX_JSON_NAMES } from "./limits.ts";

const invalid = (why: string): MomoError => new MomoError("BODY_INVALID", { why });

const decoder = new TextDecoder("utf-8", { fatal: true });

/** Text of UTF-8 bytes; a byte order mark is dropped. Raises BODY_INVALID. */
export function decodeText(bytes: Uint8Array, what: string): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw invalid(`${what} is not UTF-8`);
  }
}

/** Reaches into the prototype of what it is assigned to. */
const FORBIDDEN = "__proto__";

/** Where a string ends that begins at `start`, with its quotes; the end of the text where it does not. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === '"') return at + 1;
  }
  return text.length;
}

function checkKey(key: string, keys: Set<string>): void {
  if (key === FORBIDDEN) throw invalid(`the name "${key}" is not allowed`);
  if (keys.has(key)) throw invalid(`the name "${key.slice(0, 60)}" is given twice`);
  keys.add(key);
}

/**
 * Works on any text, so that depth is known before it is parsed; what is no JSON is left to the parser. A loop instead
 * of a regex: one that looks for strings can be made to look at the same text again and again.
 */
function checkShape(text: string): void {
  /** Names of each level; a list has none. */
  const open: (Set<string> | undefined)[] = [];
  let names = 0;
  let string = "";
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') {
      const end = endOfString(text, at);
      string = text.slice(at, end);
      at = end - 1;
    } else if (character === "{" || character === "[") {
      open.push(undefined);
      if (open.length > MAX_JSON_DEPTH) throw invalid(`more than ${MAX_JSON_DEPTH} levels within each other`);
    } else if (character === "}" || character === "]") open.pop();
    else if (character === ":") {
      if (++names > MAX_JSON_NAMES) throw invalid(`more than ${MAX_JSON_NAMES} names`);
      const level = open.pop() ?? new Set();
      open.push(level);
      checkKey(parsed(string) as string, level);
    }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid(`it is not JSON (${(error as Error).message.split("\n")[0]!.slice(0, 120)})`);
  }
}

/** Raises BODY_INVALID. */
export function parseJson(bytes: Uint8Array): unknown {
  const text = decodeText(bytes, "the body");
  checkShape(text);
  return parsed(text);
}
