/** Words seen so far, numbered in order of first sight: open addressing over bytes, no string per word. */
import { GrowingBytes, GrowingInts } from "./growing.ts";

export class Vocabulary {
  readonly bytes = new GrowingBytes();
  /** Start of each word in `bytes`, and the end of the last. */
  readonly starts = new GrowingInts(4096);
  readonly #hashes = new GrowingInts(4096);
  #slots = new Int32Array(8192);

  constructor() {
    this.starts.push(0);
  }

  get size(): number {
    return this.starts.length - 1;
  }

  /** Number of the word `source[start..end)` whose FNV-1a hash is `hash`; a new one when unseen. */
  // biome-ignore lint/complexity/useMaxParams: called for every word
  intern(source: Uint8Array, start: number, end: number, hash: number): number {
    const mask = this.#slots.length - 1;
    let slot = (hash ^ (hash >>> 15)) & mask;
    for (;;) {
      const found = this.#slots[slot];
      if (found === 0) break;
      if (this.#hashes.values[found - 1] === hash && this.#equals(found - 1, source, start, end))
        return found - 1;
      slot = (slot + 1) & mask;
    }
    const id = this.size;
    this.#slots[slot] = id + 1;
    this.#hashes.push(hash);
    this.bytes.append(source, start, end);
    this.starts.push(this.bytes.length);
    if (this.size * 2 > this.#slots.length) this.#rehash();
    return id;
  }

  /** Number of a word given as text. */
  internText(word: string): number {
    const bytes = Buffer.from(word);
    let hash = 0x811c9dc5 | 0;
    for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
    return this.intern(bytes, 0, bytes.length, hash);
  }

  word(id: number): string {
    const { values } = this.bytes;
    const from = this.starts.values[id];
    return Buffer.from(values.buffer, values.byteOffset + from, this.starts.values[id + 1] - from).toString();
  }

  // biome-ignore lint/complexity/useMaxParams: the hot path takes no object
  #equals(id: number, source: Uint8Array, start: number, end: number): boolean {
    const from = this.starts.values[id];
    if (this.starts.values[id + 1] - from !== end - start) return false;
    const { values } = this.bytes;
    for (let i = 0; i < end - start; i++) if (values[from + i] !== source[start + i]) return false;
    return true;
  }

  #rehash(): void {
    const slots = new Int32Array(this.#slots.length * 4);
    const mask = slots.length - 1;
    for (let id = 0; id < this.size; id++) {
      const hash = this.#hashes.values[id];
      let slot = (hash ^ (hash >>> 15)) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = id + 1;
    }
    this.#slots = slots;
  }
}
