/**
 * The table of the static embedding: a row of int8 numbers and a scale for each term, in one file of at most 2 MB.
 * Terms are known by hash (model/words.ts), so the file holds no words. Written by bench/training, read by static.ts.
 *
 * Layout, little-endian: "MOMOEMB1", uint32 length of the JSON header, the header {model, dimensions, rows, scale},
 * zeros up to a multiple of 8; then for all rows, sorted by `low`: uint32 low, uint32 high, uint16 scale, and int8 codes.
 * value[i] = code[i] * scale / 65535 * header.scale.
 */
import type { TermVectors } from "../model/term-vectors.ts";

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

/** Quantises each row to its own largest number. Rows must be sorted by `low`. */
export function encodeTable(table: TermVectors): Uint8Array {
  const { model, dimensions, rows, values } = table;
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
  const start = dataStart(head.length);
  const out = Buffer.alloc(start + rows * (10 + dimensions));
  out.write(MAGIC, "latin1");
  out.writeUInt32LE(head.length, MAGIC.length);
  head.copy(out, MAGIC.length + 4);
  let at = start;
  for (const part of [table.low, table.high, scales, codes]) {
    out.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), at);
    at += part.byteLength;
  }
  return out;
}

const dataStart = (headLength: number): number => (MAGIC.length + 4 + headLength + 7) & ~7;

/** Throws when the bytes are not such a table: the file is part of the package, so that is a broken install. */
export function decodeTable(bytes: Buffer): TermVectors {
  if (bytes.toString("latin1", 0, MAGIC.length) !== MAGIC) throw new Error("not a table of embeddings");
  const length = bytes.readUInt32LE(MAGIC.length);
  const { model, dimensions, rows, scale }: Header = JSON.parse(
    bytes.toString("utf8", MAGIC.length + 4, MAGIC.length + 4 + length),
  );
  let at = dataStart(length);
  const take = (size: number): ArrayBuffer => {
    const part = bytes.buffer.slice(bytes.byteOffset + at, bytes.byteOffset + at + size) as ArrayBuffer;
    at += size;
    return part;
  };
  const low = new Uint32Array(take(rows * 4));
  const high = new Uint32Array(take(rows * 4));
  const scales = new Uint16Array(take(rows * 2));
  const codes = new Int8Array(take(rows * dimensions));
  const values = new Float32Array(rows * dimensions);
  for (let row = 0; row < rows; row++) {
    const step = (scales[row] / MAX_SCALE) * scale;
    for (let i = row * dimensions; i < (row + 1) * dimensions; i++) values[i] = codes[i] * step;
  }
  return { model, dimensions, rows, low, high, values };
}

/** The row of a term, -1 when it has none. Rows are sorted by `low`. */
export function rowOf({ low, high, rows }: TermVectors, term: { low: number; high: number }): number {
  let [from, to] = [0, rows];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (low[middle] < term.low) from = middle + 1;
    else to = middle;
  }
  for (; from < rows && low[from] === term.low; from++) if (high[from] === term.high) return from;
  return -1;
}
