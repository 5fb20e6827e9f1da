/**
 * The table from a term's hash to the words it covers, made once per segment over its distinct words.
 * Must agree with termsOf (model/words.ts), which reads queries: lexical.test.ts compares the two. Made apart from it
 * because a large repository has a million terms and hardly more than ten thousand distinct parts of words.
 */
import { hashAdd, hashEnd, hashHigh, hashLow, hashStart, splitIdentifier, stem } from "../../model/words.ts";
import { GrowingInts } from "./growing.ts";
import type { Columns } from "./pack.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** A part of identifiers: its stem, and the terms for it alone (part) and as a whole word (joined). */
interface Part {
  stem: string;
  term: number;
  joined: number;
}

export function termTable(vocabulary: Vocabulary): Columns {
  const table = new TermTable();
  for (let word = 0; word < vocabulary.size; word++) table.add(word, vocabulary.word(word));
  return table.columns();
}

class TermTable {
  readonly #low = new GrowingInts(1 << 14);
  readonly #high = new GrowingInts(1 << 14);
  /** Last word added to each term: a word of equal parts (`get_get`) counts once. */
  readonly #lastWord = new GrowingInts(1 << 14);
  readonly #pairTerm = new GrowingInts(1 << 15);
  readonly #pairWord = new GrowingInts(1 << 15);
  readonly #parts = new Map<string, Part>();
  #slots: Int32Array = new Int32Array(1 << 15);

  add(word: number, text: string): void {
    const parts = splitIdentifier(text);
    if (parts.length === 0) return;
    const [first] = parts;
    if (parts.length === 1) {
      const { term, joined } = this.#part(first);
      this.#put(term, word);
      this.#put(joined, word);
      this.#put(this.#term("!", first), word);
      return;
    }
    const known = parts.map((part) => this.#part(part));
    for (const { term } of known) this.#put(term, word);
    hashStart();
    hashAdd("=");
    for (const part of known) hashAdd(part.stem);
    hashEnd();
    this.#put(this.#find(), word);
    for (let i = 0; i + 1 < known.length; i++)
      this.#put(this.#term("~", known[i].stem, known[i + 1].stem), word);
  }

  #part(text: string): Part {
    const known = this.#parts.get(text);
    if (known) return known;
    const stemmed = stem(text);
    const part = { stem: stemmed, term: this.#term("", stemmed), joined: this.#term("=", stemmed) };
    this.#parts.set(text, part);
    return part;
  }

  #term(mark: string, text: string, more = ""): number {
    hashStart();
    hashAdd(mark);
    hashAdd(text);
    hashAdd(more);
    hashEnd();
    return this.#find();
  }

  /** Number of the term whose hash stands in hashLow and hashHigh. */
  #find(): number {
    const mask = this.#slots.length - 1;
    const low = hashLow | 0;
    const high = hashHigh | 0;
    let slot = hashLow & mask;
    for (let found = this.#slots[slot]; found !== 0; found = this.#slots[slot]) {
      if (this.#low.values[found - 1] === low && this.#high.values[found - 1] === high) return found - 1;
      slot = (slot + 1) & mask;
    }
    this.#low.push(low);
    this.#high.push(high);
    this.#lastWord.push(-1);
    this.#slots[slot] = this.#low.length;
    if (this.#low.length * 2 > this.#slots.length) this.#grow();
    return this.#low.length - 1;
  }

  #grow(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (let term = 0; term < this.#low.length; term++) {
      let slot = this.#low.values[term] & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = term + 1;
    }
    this.#slots = slots;
  }

  #put(term: number, word: number): void {
    if (this.#lastWord.values[term] === word) return;
    this.#lastWord.values[term] = word;
    this.#pairTerm.push(term);
    this.#pairWord.push(word);
  }

  /** Words grouped by term. */
  columns(): Columns {
    const terms = this.#low.length;
    const pairs = this.#pairTerm.length;
    const { values: termOf } = this.#pairTerm;
    const termStart = new Uint32Array(terms + 1);
    for (let i = 0; i < pairs; i++) termStart[termOf[i] + 1]++;
    for (let term = 0; term < terms; term++) termStart[term + 1] += termStart[term];
    const next = termStart.slice(0, terms);
    const termWord = new Uint32Array(pairs);
    for (let i = 0; i < pairs; i++) termWord[next[termOf[i]]++] = this.#pairWord.values[i];
    const [termLow, termHigh] = [this.#low.toUint32(), this.#high.toUint32()];
    return { slots: this.#slots, termLow, termHigh, termStart, termWord };
  }
}
