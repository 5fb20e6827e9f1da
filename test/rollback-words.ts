/** What the processes of rollback-crash.test.ts agree on: how they draw, and how a reader knows that a content is whole. */
import { hash } from "node:crypto";

/** Mulberry32: small, seeded, good enough to choose an action. */
export function seeded(seed: number) {
  let state = seed >>> 0;
  const random = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(random() * limit);
  return { random, below, one: <T>(list: readonly T[]): T | undefined => list[below(list.length)] };
}

/** Entries of one agent that are written together and say the same. */
export const GROUP = 6;

/** A text that says whether it is whole. */
export const sealed = (text: string): string => `${text} ${hash("sha256", text)}`;
export function isWhole(content: string): boolean {
  const end = content.lastIndexOf(" ");
  return content.slice(end + 1) === hash("sha256", content.slice(0, end));
}
