/**
 * The words of an index for correcting a misspelt one: parts of identifiers in lower case. Made when the first unknown
 * word is asked for, once per index. Used by expand.ts.
 */
import { distance } from "../model/nearest.ts";
import { hashHigh, hashLow, hashText, splitIdentifier, stem } from "../model/words.ts";
import type { ClassWeights, LexicalIndex } from "../store/lexical/index.ts";

const none: ClassWeights = {
  document: new Float64Array(10),
  chunk: new Float64Array(10),
  shown: new Float64Array(10),
};

/** Live documents that have a term (`handler`, `=filename`). */
export function documentsWith(index: LexicalIndex, term: string): number {
  hashText(term);
  const { documentCount } = index.gather(hashLow >>> 0, hashHigh >>> 0, none);
  index.reset();
  return documentCount;
}

/** Whether a live document has a term: without counting, where every document is live. */
export function occurs(index: LexicalIndex, term: string): boolean {
  hashText(term);
  const [low, high] = [hashLow >>> 0, hashHigh >>> 0];
  if (!index.parts.some(({ segment }) => segment.terms.words(low, high).length > 0)) return false;
  return index.liveDocuments === index.documents || documentsWith(index, term) > 0;
}

/** Words by their first letter; those of undone versions too, which is why a correction is counted again. */
const vocabularies = new WeakMap<LexicalIndex, Map<string, string[]>>();

const SHORTEST = 3;
const LONGEST = 24;

function vocabularyOf(index: LexicalIndex): Map<string, string[]> {
  const known = vocabularies.get(index);
  if (known) return known;
  const all = new Set<string>();
  for (const { segment } of index.parts) {
    const { bytes, start } = segment.words();
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let i = 0; i + 1 < start.length; i++) {
      for (const part of splitIdentifier(text.toString("utf8", start[i], start[i + 1])))
        if (part.length >= SHORTEST && part.length <= LONGEST) all.add(part);
    }
  }
  const byLetter = new Map<string, string[]>();
  for (const word of all) {
    const words = byLetter.get(word[0]);
    if (words) words.push(word);
    else byLetter.set(word[0], [word]);
  }
  vocabularies.set(index, byLetter);
  return byLetter;
}

/** Letters that a word needs for one mistake, and for two. */
const ONE_MISTAKE = 4;
const TWO_MISTAKES = 8;

/**
 * The live word that was meant by one that no document has: fewest mistakes (two swapped letters are one), then most
 * documents, then by name. The first letter is right, or swapped with the second.
 */
export function correct(index: LexicalIndex, word: string): string | undefined {
  const most = word.length >= TWO_MISTAKES ? 2 : word.length >= ONE_MISTAKE ? 1 : 0;
  if (most === 0 || word.length > LONGEST || !/^[a-z]+$/.test(word)) return undefined;
  const vocabulary = vocabularyOf(index);
  const near: { word: string; mistakes: number }[] = [];
  for (const letter of new Set([word[0], word[1]])) {
    for (const other of vocabulary.get(letter) ?? []) {
      if (Math.abs(other.length - word.length) > most) continue;
      const mistakes = distance(word, other);
      if (mistakes > 0 && mistakes <= most) near.push({ word: other, mistakes });
    }
  }
  for (let mistakes = 1; mistakes <= most; mistakes++) {
    const found = near
      .filter((one) => one.mistakes === mistakes)
      .map((one) => ({ word: one.word, documents: documentsWith(index, stem(one.word)) }))
      .filter(({ documents }) => documents > 0)
      .sort((a, b) => b.documents - a.documents || (a.word < b.word ? -1 : 1));
    if (found[0]) return found[0].word;
  }
  return undefined;
}
