/**
 * Joins lexical segments into one, leaving out the documents that are not kept. The vectors of their chunks follow.
 * Used by ingest when small segments have piled up: a search pays for every segment it has to look into.
 */

import { mergeBlocks, vectorSection } from "../vector/block.ts";
import { SegmentBuilder } from "./builder.ts";
import { decodePostings } from "./postings.ts";
import type { List, Segment } from "./segment.ts";

export interface Merged {
  sections: Record<string, Uint8Array>;
  vids: Float64Array;
}

/** `keep` decides by version id. */
export function mergeSegments(segments: Segment[], keep: (vid: number) => boolean): Merged {
  const builder = new SegmentBuilder();
  const vids: number[] = [];
  const chunkMaps: Int32Array[] = [];
  let firstChunk = 0;
  for (const segment of segments) {
    const chunkMap = new Int32Array(segment.chunks).fill(-1);
    const documentMap = new Int32Array(segment.documents).fill(-1);
    firstChunk = copyDocuments(segment, { builder, vids, chunkMap, documentMap, firstChunk, keep });
    copyPostings(segment, builder, chunkMap);
    chunkMaps.push(chunkMap);
    for (const site of segment.allDefinitions()) {
      const document = documentMap[site.document];
      if (document >= 0) builder.pushDefinition({ ...site, document, kind: site.kind | (site.indent << 2) });
    }
  }
  const vectors = mergeVectors(segments, chunkMaps, firstChunk);
  return { sections: { ...builder.finish(), ...vectors }, vids: Float64Array.from(vids) };
}

/** Sections for the models that segments were embedded with. */
function mergeVectors(
  segments: readonly Segment[],
  chunkMaps: readonly Int32Array[],
  chunks: number,
): Record<string, Uint8Array> {
  const sections: Record<string, Uint8Array> = {};
  for (const model of new Set(segments.flatMap((segment) => segment.vectorModels()))) {
    const parts = segments.map((segment, i) => ({
      block: segment.vectors(model),
      chunkMap: chunkMaps[i],
    }));
    const merged = mergeBlocks(parts, chunks);
    if (merged) sections[vectorSection(model)] = merged;
  }
  return sections;
}

interface Target {
  builder: SegmentBuilder;
  vids: number[];
  chunkMap: Int32Array;
  documentMap: Int32Array;
  firstChunk: number;
  keep: (vid: number) => boolean;
}

const listOf = ({ end, values }: List, document: number): Uint32Array =>
  values.subarray(document === 0 ? 0 : end[document - 1], end[document]);

function copyDocuments(segment: Segment, target: Target): number {
  const { words, stem, directory } = segment.pathWords();
  const imports = segment.imports();
  const entityCounts = segment.entityCounts();
  const types = entityCounts.length / Math.max(1, segment.documents);
  let { firstChunk } = target;
  for (let document = 0; document < segment.documents; document++) {
    if (!target.keep(segment.vids[document])) continue;
    const from = segment.firstChunk[document];
    const to = document + 1 < segment.documents ? segment.firstChunk[document + 1] : segment.chunks;
    target.documentMap[document] = target.vids.length;
    target.vids.push(segment.vids[document]);
    for (let chunk = from; chunk < to; chunk++) target.chunkMap[chunk] = firstChunk++;
    target.builder.addBare({
      path: segment.paths[document],
      language: segment.languageNames[segment.languages[document]],
      flags: segment.flags[document],
      lines: segment.lines[document],
      chunkStarts: segment.chunkStart.subarray(from, to),
      chunkTypes: segment.chunkTypes.subarray(from, to),
      entityCounts: entityCounts.subarray(document * types, (document + 1) * types),
      stemWords: Array.from(listOf(stem, document), (word) => words[word]),
      directoryWords: Array.from(listOf(directory, document), (word) => words[word]),
      imports: listOf(imports, document),
    });
  }
  return firstChunk;
}

function copyPostings(segment: Segment, builder: SegmentBuilder, chunkMap: Int32Array): void {
  const { bytes, start } = segment.words();
  for (let word = 0; word + 1 < start.length; word++) {
    let id = -1;
    decodePostings(segment, word, (chunk, wordClass, count) => {
      if (chunkMap[chunk] < 0) return;
      if (id < 0)
        id = builder.vocabulary.internText(
          Buffer.from(bytes.subarray(start[word], start[word + 1])).toString(),
        );
      builder.count(id, chunkMap[chunk], wordClass, count);
    });
  }
}
