/**
 * A pack: the contents of many versions one behind the other, compressed together: compressing a small file at a time
 * costs more in calls than in work. Filled by ingest's workers; opened by reading.ts.
 */
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { Slice } from "../contract/knowledge.ts";

/** A pack is closed at this size: reading one version opens all of it. */
const PACK_BYTES = 64 * 1024;
/** The checksum makes opening a damaged pack an error. */
const options = { params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 } };

/** Opened bytes of a stored pack; a slice's `start` counts in them. */
export const openPack = (stored: Uint8Array): Uint8Array => zstdDecompressSync(stored);

export class PackWriter {
  readonly #limit: number;
  #parts: Uint8Array[] = [];
  #size = 0;
  #packs: Uint8Array[] = [];

  /** A pack is closed once it has this many bytes. */
  constructor(limit = PACK_BYTES) {
    this.#limit = limit;
  }

  /** Where the content will lie: `pack` counts the packs that `take` returns. */
  add(body: Uint8Array, text: Uint8Array): Slice {
    const slice = {
      pack: this.#packs.length,
      start: this.#size,
      body_bytes: body.length,
      text_bytes: text.length,
    };
    this.#parts.push(body, text);
    this.#size += body.length + text.length;
    if (this.#size >= this.#limit) this.#close();
    return slice;
  }

  #close(): void {
    const packed = zstdCompressSync(Buffer.concat(this.#parts, this.#size), options);
    this.#packs.push(new Uint8Array(packed));
    this.#parts = [];
    this.#size = 0;
  }

  /** Packs of everything added since the last call. */
  take(): Uint8Array[] {
    if (this.#parts.length > 0) this.#close();
    const packs = this.#packs;
    this.#packs = [];
    return packs;
  }
}
