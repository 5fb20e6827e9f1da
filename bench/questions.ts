/** Questions about any folder, made of words of its files: the same for the same folder. Used by cache.ts and scale.ts. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Small, seeded, good enough to draw with. */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const WORD = /[A-Za-z_]{4,}/g;

/** A quarter are single words, as somebody asks for a name; the others have two to six. */
export function questionsAbout(folder: string, count: number): string[] {
  const files = readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((item) => item.isFile() && !/\/\.(git|momo)\b/.test(item.parentPath))
    .map((item) => join(item.parentPath, item.name))
    .sort();
  const random = randomFrom(7);
  const one = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const questions = new Set<string>();
  // Few files may not have so many questions in them.
  for (let tries = 0; questions.size < count && tries < count * 50; tries++) {
    const words = readFileSync(one(files), "utf8").match(WORD) ?? ["main"];
    const length = tries % 4 === 0 ? 1 : 2 + Math.floor(random() * 5);
    questions.add(Array.from({ length }, () => one(words)).join(" "));
  }
  return [...questions];
}
