/** Opened packs that are kept in memory, those used last, up to a number of bytes. Used by reading.ts. */

/** An opened pack is about 100 KB: 240 of them, or one file of the largest size that is indexed and a few more. */
const MAX_BYTES = 24e6;

export class OpenPacks {
  readonly #packs = new Map<number, Uint8Array>();
  readonly #limit: number;
  #bytes = 0;

  constructor(limit = MAX_BYTES) {
    this.#limit = limit;
  }

  get(pack: number): Uint8Array | undefined {
    const known = this.#packs.get(pack);
    if (known === undefined) return undefined;
    // To the end of the order of insertion: the first one is the one unused for longest.
    this.#packs.delete(pack);
    this.#packs.set(pack, known);
    return known;
  }

  add(pack: number, bytes: Uint8Array): void {
    this.#packs.set(pack, bytes);
    this.#bytes += bytes.length;
    for (const [oldest, { length }] of this.#packs) {
      if (this.#bytes <= this.#limit || oldest === pack) return;
      this.#packs.delete(oldest);
      this.#bytes -= length;
    }
  }

  clear(): void {
    this.#packs.clear();
    this.#bytes = 0;
  }
}
