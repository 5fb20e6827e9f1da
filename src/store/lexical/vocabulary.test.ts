/** Every word has one number, also where hashes collide and when there are many. */
import { expect, test } from "vitest";
import { Vocabulary } from "./vocabulary.ts";

/** FNV-1a, as words are hashed. */
const hashOf = (word: string): number =>
  [...Buffer.from(word)].reduce((hash, byte) => Math.imul(hash ^ byte, 0x01000193), 0x811c9dc5 | 0);

test("words of the same hash are told apart", () => {
  expect(hashOf("costarring")).toBe(hashOf("liquid"));
  const words = new Vocabulary();
  const [one, other] = [words.internText("costarring"), words.internText("liquid")];
  expect(one).not.toBe(other);
  expect([words.internText("liquid"), words.internText("costarring")]).toEqual([other, one]);
  expect([words.word(one), words.word(other), words.size]).toEqual(["costarring", "liquid", 2]);
});

test("numbers follow each other in the order of first use, however many there are", () => {
  const words = new Vocabulary();
  const many = Array.from({ length: 20_000 }, (_, i) => (i % 3 === 0 ? `wörd${i}` : `word${i}`));
  expect(many.map((word) => words.internText(word))).toEqual(many.map((_, i) => i));
  expect(many.map((word) => words.internText(word))).toEqual(many.map((_, i) => i));
  expect(many.map((_, i) => words.word(i))).toEqual(many);
  expect(words.size).toBe(many.length);
});

test("a word is a part of a longer text, and the empty one is a word", () => {
  const words = new Vocabulary();
  const source = Buffer.from("one two one");
  const at = (start: number, end: number): number =>
    words.intern(source, start, end, hashOf(source.toString("utf8", start, end)));
  expect([at(0, 3), at(4, 7), at(8, 11), at(3, 3), at(7, 7), at(0, 2)]).toEqual([0, 1, 0, 2, 2, 3]);
  expect([0, 1, 2, 3].map((id) => words.word(id))).toEqual(["one", "two", "", "on"]);
});
