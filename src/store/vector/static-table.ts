/**
 * The table of the static embedding: a row of int8 numbers and a scale for each term, in one file of at most 2 MB.
 * Terms are known by hash (model/words.ts), so the file holds no words. Written by bench/training, read by static.ts.
 *
 * Layout, little-endian: "MOMOEMB1", uint32 length of the JSON header, the header {model, dimensions, rows, scale},
 * zeros up to a multiple of 8; then for all rows, sorted by `low`: uint32 low, uint32 high, uint16 scale, int8 codes.
 * value[i] = code[i] * scale / 65535 * header.scale.
 */
import type { TermVectors } from "../../model/term-vectors.ts";

const MAGIC = "MOMOEMB1";
const MAX_CODE = 127;
const MAX_SCALE = 65_535;

interface Header {
  model: string;
  dimensions: number;
  rows: number;
  /** The largest row's scale. */
  scale: number;
}

export interface TableSource extends Omit<TermVectors, "read" | "rows"> {
  /** rows x dimensions, in the order of `low`. */
  values: Float32Array;
}

/** Quantises each row to its own largest number. */
export function encodeTable({ model, dimensions, low, high, values }: TableSource): Uint8Array {
  const rows = low.length;
  const largest = Float64Array.from({ length: rows }, (_, row) =>
    values
      .subarray(row * dimensions, (row + 1) * dimensions)
      .reduce((top, x) => Math.max(top, Math.abs(x)), 0),
  );
  const scale = largest.reduce((a, b) => Math.max(a, b), 0) / MAX_CODE || 1;
  const scales = Uint16Array.from(largest, (top) => Math.round((top / MAX_CODE / scale) * MAX_SCALE));
  const codes = Int8Array.from(values, (value, i) => {
    const step = (scales[Math.floor(i / dimensions)] / MAX_SCALE) * scale;
    return step === 0 ? 0 : Math.max(-MAX_CODE, Math.min(MAX_CODE, Math.round(value / step)));
  });
  const head = Buffer.from(JSON.stringify({ model, dimensions, rows, scale } satisfies Header));
  const out = Buffer.alloc(dataStart(head.length) + rows * (10 + dimensions));
  out.write(MAGIC, "latin1");
  out.writeUInt32LE(head.length, MAGIC.length);
  head.copy(out, MAGIC.length + 4);
  let at = dataStart(head.length);
  for (const part of [low, high, scales, codes]) {
    out.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), at);
    at += part.byteLength;
  }
  return out;
}

const dataStart = (headLength: number): number => (MAGIC.length + 4 + headLength + 7) & ~7;

/** Throws when the bytes are not such a table: the file is part of the package, so that is a broken install. */
export function decodeTable(bytes: Uint8Array): TermVectors {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.toString("latin1", 0, MAGIC.length) !== MAGIC) throw new Error("not a table of embeddings");
  const length = view.readUInt32LE(MAGIC.length);
  const head = view.toString("utf8", MAGIC.length + 4, MAGIC.length + 4 + length);
  const { model, dimensions, rows, scale }: Header = JSON.parse(head);
  let at = dataStart(length);
  // A copy of its own for each: the file's bytes may lie at an odd address.
  const take = (size: number): ArrayBuffer => {
    const part = Uint8Array.prototype.slice.call(view, at, at + size);
    at += size;
    return part.buffer as ArrayBuffer;
  };
  const low = new Uint32Array(take(rows * 4));
  const high = new Uint32Array(take(rows * 4));
  const scales = new Uint16Array(take(rows * 2));
  const codes = new Int8Array(take(rows * dimensions));
  return {
    model,
    dimensions,
    rows,
    low,
    high,
    read: (row, into) => {
      const step = (scales[row] / MAX_SCALE) * scale;
      for (let i = 0, from = row * dimensions; i < dimensions; i++) into[i] = codes[from + i] * step;
    },
  };
}
