/** What a write transaction reads: sees what it wrote, also what is not stored yet. Used by open.ts. */
import { kindCount, kindNumber, kindOf } from "../contract/kinds.ts";
import type { Head, VersionKind } from "../contract/knowledge.ts";
import { Reader, type Shared } from "../reading.ts";
import type { Held } from "./held.ts";

const MOST_READ = 1000;

export class WritingReader extends Reader {
  readonly #held: Held;

  constructor(shared: Shared, branch: number, held: Held) {
    super(shared, branch);
    this.#held = held;
  }

  /** Asked before almost every put, so nothing is stored for it. Any other call has what is held stored first. */
  override head(key: string, kind?: VersionKind): Head | undefined {
    if (kind !== undefined) return this.#headOf(key, kind);
    if (!this.#held.names(key)) return this.#stored(key);
    for (let number = 1; number <= kindCount; number++) {
      const found = this.#headOf(key, kindOf(number));
      if (found) return found;
    }
    return undefined;
  }

  #headOf(key: string, kind: VersionKind): Head | undefined {
    const held = this.#held.find(kindNumber(kind), key);
    if (!held) return this.#stored(key, kind);
    return held.leaf ? { key, kind, vid: held.vid, leaf: held.leaf } : undefined;
  }

  /** The same ends of relations are asked for again and again. */
  #stored(key: string, kind?: VersionKind): Head | undefined {
    const { read } = this.#held;
    const name = `${kind ?? ""} ${key}`;
    const known = read.get(name);
    if (known !== undefined) return known ?? undefined;
    const found = this.#held.aside(() => super.head(key, kind));
    if (read.size >= MOST_READ) read.clear();
    read.set(name, found ?? null);
    return found;
  }
}
