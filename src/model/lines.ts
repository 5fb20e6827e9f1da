/** Names and texts that people and agents give: refused with the rule that they break. Used wherever one is kept. */
import { MomoError } from "../errors.ts";
import { shownValue } from "./shown.ts";

const CONTROL = /[\p{Cc}\u2028\u2029]/u;
/**
 * Characters that are not seen, or that turn the order of what is: two names that look alike would be two things.
 * Joiners are part of how some scripts and emoji are written, but not behind a letter of ours.
 */
const UNSEEN =
  /[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e0fff}]|(?:^|[\p{ASCII}])[\u200c\u200d]/u;

export function refuse(name: string, value: unknown, hint: string): never {
  throw new MomoError("VALUE_INVALID", { name, value: shownValue(value), hint });
}

/** One line of text without a space at its ends, of at most `max` characters. Raises VALUE_INVALID. */
export function checkLine(name: string, value: unknown, max: number): asserts value is string {
  if (typeof value !== "string") refuse(name, value, "give a text");
  if (value.length < 1 || value.length > max) refuse(name, value, `give 1 to ${max} characters`);
  if (CONTROL.test(value) || !value.isWellFormed()) refuse(name, value, "leave out control characters");
  if (UNSEEN.test(value)) refuse(name, value, "leave out invisible characters");
  if (value.trim() !== value) refuse(name, value, "leave out the space around it");
}

/** Any text of at most `max` characters. Raises VALUE_INVALID. */
export function checkText(name: string, value: unknown, max: number): asserts value is string {
  if (typeof value !== "string" || value.length > max)
    refuse(name, value, `give a text of at most ${max} characters`);
}
