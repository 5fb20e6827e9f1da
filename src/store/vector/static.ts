/**
 * The static embedding that every segment has: vectors of its chunks and titles from its own postings and the table
 * that Momo ships (static.bin), stored as the section `static`. They follow from the postings, so nothing of them is
 * merged or moved: who makes a segment makes them. Written by lexical/builder.ts, read by retrieve.
 */
import { readFileSync } from "node:fs";
import type { TermVectors } from "../../model/term-vectors.ts";
import { Packed, pack } from "../lexical/pack.ts";
import { Segment } from "../lexical/segment.ts";
import { quantise } from "./quantise.ts";
import { segmentVectors } from "./segment-vectors.ts";
import { decodeTable } from "./static-table.ts";

export const STATIC_SECTION = "static";

/** Codes and the scales that make their rows unit vectors; 0 for a row without a known term. */
export interface CodedRows {
  codes: Int8Array;
  scales: Float32Array;
}

export interface StaticVectors {
  chunks: CodedRows;
  titles: CodedRows;
}

let shipped: TermVectors | undefined;

/** The shipped table, read once in a thread. */
export function staticTable(): TermVectors {
  shipped ??= decodeTable(readFileSync(new URL("./static.bin", import.meta.url)));
  return shipped;
}

/** The section `static` of a segment that consists of these sections. */
export function staticSection(sections: Readonly<Record<string, Uint8Array>>): Uint8Array {
  const documents = new Packed(sections.documents!).strings("path").length;
  const segment = new Segment({
    ...{ id: 0, vids: new Float64Array(documents) },
    section: (name) => sections[name]!,
    sectionNames: () => Object.keys(sections),
  });
  const { chunks, titles } = embed(segment, staticTable());
  return pack({
    model: [staticTable().model],
    chunkCodes: chunks.codes,
    chunkScales: chunks.scales,
    titleCodes: titles.codes,
    titleScales: titles.scales,
  });
}

/** Of a stored segment; made anew where the section is missing or of another table (an older Momo wrote it). */
export function staticVectors(segment: Segment, table = staticTable()): StaticVectors {
  const bytes = segment.section(STATIC_SECTION);
  const packed = bytes && new Packed(bytes);
  if (packed?.strings("model")[0] !== table.model) return embed(segment, table);
  return {
    chunks: {
      codes: packed.column("chunkCodes", "Int8Array"),
      scales: packed.column("chunkScales", "Float32Array"),
    },
    titles: {
      codes: packed.column("titleCodes", "Int8Array"),
      scales: packed.column("titleScales", "Float32Array"),
    },
  };
}

function embed(segment: Segment, table: TermVectors): StaticVectors {
  const { chunk, title } = segmentVectors(segment, table);
  return {
    chunks: encode(segment.chunks, table.dimensions, chunk),
    titles: encode(segment.documents, table.dimensions, title),
  };
}

function encode(rows: number, dimensions: number, vector: (row: number) => Float32Array): CodedRows {
  const codes = new Int8Array(rows * dimensions);
  const scales = Float32Array.from({ length: rows }, (_, row) =>
    quantise(vector(row), codes.subarray(row * dimensions, (row + 1) * dimensions)),
  );
  return { codes, scales };
}
