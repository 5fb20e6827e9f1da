/** By which names keys and tokens may write. Used by keys.ts and tokens.ts. */
import { ownAgents } from "../model/own-agents.ts";

/** Control characters, and those that are not seen or turn the direction: two names that look alike are one trap. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

/** One line without characters that hide. */
export const isPlainLine = (text: string, most: number): boolean =>
  text !== "" && text.length <= most && text.trim() === text && text.isWellFormed() && !UNSEEN.test(text);

/** Whether it is Momo's own name, in whatever case. */
export const isOwnName = (name: string): boolean => ownAgents.includes(name.toLowerCase());

/** What is wrong with a key's name, as words for an error; undefined when nothing is. */
export function nameFault(name: string): string | undefined {
  if (!isPlainLine(name, 100)) return "give 1 to 100 visible characters of one line";
  if (isOwnName(name)) return "Momo itself writes by that name";
  if (name.toLowerCase().startsWith("token:")) return "so begin the names of who comes with a token";
  // What comes after a slash in the history is the client that used the key.
  return name.includes("/") ? "it must not hold a slash" : undefined;
}

/** Names that are the same for a reader have the same one. */
export const foldName = (name: string): string => name.normalize("NFKC").toLowerCase();
