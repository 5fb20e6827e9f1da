/**
 * The static embedding that every segment has: vectors of its chunks from its own postings and the table
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

/** By chunk: codes and the scales that make their rows unit vectors; 0 for a row without a known term. */
export interface StaticVectors {
  codes: Int8Array;
  scales: Float32Array;
}

let shipped: TermVectors | undefined;

/** The shipped table, read once in a thread. */
export function staticTable(): TermVectors {
  shipped ??= decodeTable(readFileSync(new URL("./static.bin", import.meta.url)));
  return shipped;
}

/** The section `static` of a segment that consists of these sections. */
export function staticSection(sections: Readonly<Record<string, Uint8Array>>): Uint8Array {
  // No version is asked for: which ones its documents are is known only to who stores it.
  const segment = new Segment({
    id: 0,
    vids: new Float64Array(0),
    section: (name) => sections[name]!,
    sectionNames: () => Object.keys(sections),
  });
  return pack({ model: [staticTable().model], ...embed(segment, staticTable()) });
}

/** Of a stored segment; made anew where the section is missing or of another table (an older Momo wrote it). */
export function staticVectors(segment: Segment, table = staticTable()): StaticVectors {
  const bytes = segment.section(STATIC_SECTION);
  const packed = bytes && new Packed(bytes);
  if (packed?.strings("model")[0] !== table.model) return embed(segment, table);
  return { codes: packed.column("codes", "Int8Array"), scales: packed.column("scales", "Float32Array") };
}

function embed(segment: Segment, table: TermVectors): StaticVectors {
  const vector = segmentVectors(segment, table);
  const { dimensions } = table;
  const codes = new Int8Array(segment.chunks * dimensions);
  const scales = Float32Array.from({ length: segment.chunks }, (_, chunk) =>
    quantise(vector(chunk), codes.subarray(chunk * dimensions, (chunk + 1) * dimensions)),
  );
  return { codes, scales };
}
