/**
 * A pack: the contents of many versions one behind the other, compressed together. Compressing a file at a time costs
 * more in calls than in work (measured: 40 bytes per microsecond for small files, 400 for packs of 64 KB).
 * Filled by ingest's workers; opened by reading.ts.
 */
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { Slice } from "./store.ts";

/** A pack is closed at this size: reading one version opens all of it. */
const PACK_BYTES = 64 * 1024;
const options = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/** Opened bytes of a stored pack; a slice's `start` counts in them. */
export const openPack = (stored: Uint8Array): Uint8Array => zstdDecompressSync(stored);

/** Where a content lies: `pack` counts the packs that `take` returns. */
export type PendingSlice = Slice;

export class PackWriter {
  #parts: Uint8Array[] = [];
  #size = 0;
  #packs: Uint8Array[] = [];

  add(body: Uint8Array, text: Uint8Array): PendingSlice {
    const slice = {
      pack: this.#packs.length,
      start: this.#size,
      body_bytes: body.length,
      text_bytes: text.length,
    };
    this.#parts.push(body, text);
    this.#size += body.length + text.length;
    if (this.#size >= PACK_BYTES) this.#close();
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
    if (this.#size > 0) this.#close();
    const packs = this.#packs;
    this.#packs = [];
    return packs;
  }
}
