/** Facts about documents that hold for every query: path words, depth, how often others import them. */

import { DocumentFlag } from "../model/lexical-document.ts";
import type { LexicalIndex } from "../store/lexical/index.ts";
import type { DocumentFacts } from "./features.ts";
import { PathTable } from "./path-match.ts";
import { createSimilarity } from "./similarity.ts";

/** An ambiguous stem (`index`, `types`) credits at most this many files. */
const MAX_PER_STEM = 3;

/**
 * `before`: facts of an index of the same store that are not used any more. What is the same is taken over: after a note
 * was written, all that has to do with files.
 */
export function documentFacts(index: LexicalIndex, before?: DocumentFacts): DocumentFacts {
  const shared = before
    ? index.sharedWith(before.index)
    : { parts: 0, documents: 0, chunks: 0, files: false };
  return {
    index,
    ...countFiles(index),
    paths: before?.paths.over(index, shared) ?? new PathTable(index),
    ...(before && shared.files ? grown(before, index.documents) : fileFacts(index)),
    similarity: createSimilarity(index, before && { similarity: before.similarity, shared }),
  };
}

type FileFacts = Pick<DocumentFacts, "depth" | "imported" | "superseded">;

function fileFacts(index: LexicalIndex): FileFacts {
  const depth = new Uint8Array(index.documents);
  for (let document = 0; document < index.documents; document++) {
    if (!isEntry(index, document)) depth[document] = Math.min(255, slashesIn(index.paths[document]));
  }
  return { depth, imported: importCounts(index), superseded: supersededVersions(index) };
}

/** All three are 0 for what is no file. */
function grown({ depth, imported, superseded }: FileFacts, documents: number): FileFacts {
  const length = Math.min(documents, depth.length);
  const made = {
    depth: new Uint8Array(documents),
    imported: new Float64Array(documents),
    superseded: new Uint8Array(documents),
  };
  made.depth.set(depth.subarray(0, length));
  made.imported.set(imported.subarray(0, length));
  made.superseded.set(superseded.subarray(0, length));
  return made;
}

function slashesIn(path: string): number {
  let count = 0;
  for (let at = path.indexOf("/"); at >= 0; at = path.indexOf("/", at + 1)) count++;
  return count;
}

/** An id is no path: it lies in no folder, is no version of a folder, and no import names it. */
export const isEntry = (index: LexicalIndex, document: number): boolean =>
  (index.flags[document] & DocumentFlag.entry) !== 0;

function countFiles(index: LexicalIndex): Pick<DocumentFacts, "files" | "fileChunks"> {
  let files = 0;
  let fileChunks = 0;
  for (let document = 0; document < index.documents; document++) {
    if (!index.live[document] || isEntry(index, document)) continue;
    files++;
    fileChunks += index.firstChunk[document + 1] - index.firstChunk[document];
  }
  return { files, fileChunks };
}

const VERSION_FOLDER = /^(?<before>.*?(?:^|\/))v(?<number>\d+)\/(?<rest>.*)$/;

/** 1 for files below a folder `vN` that has a newer neighbour (`v3` beside `v4`) or a newer twin one folder up. */
function supersededVersions(index: LexicalIndex): Uint8Array {
  const counts = (document: number): boolean => index.live[document] === 1 && !isEntry(index, document);
  // Almost no path has such a folder, and this looks at every one of them at every start.
  const versions = index.paths.map((path, document) =>
    (path.startsWith("v") || path.includes("/v")) && counts(document)
      ? VERSION_FOLDER.exec(path)?.groups
      : undefined,
  );
  if (!versions.some(Boolean)) return new Uint8Array(index.documents);
  const newest = new Map<string, number>();
  const paths = new Set(index.paths.filter((_, document) => counts(document)));
  const twinned = new Set<string>();
  for (const version of versions) {
    if (!version) continue;
    const { before = "", number, rest } = version;
    newest.set(before, Math.max(Number(number), newest.get(before) ?? 0));
    if (paths.has(before + rest)) twinned.add(`${before}v${number}/`);
  }
  const isOld = (version: (typeof versions)[number]): boolean =>
    version !== undefined &&
    (Number(version.number) < newest.get(version.before!)! ||
      twinned.has(`${version.before}v${version.number}/`));
  return Uint8Array.from(versions, (version) => (isOld(version) ? 1 : 0));
}

/** Files by the hash of the name that an import would call them by. */
class Stems {
  /** Place of a name in the lists below, from 1: open addressing, as a Map of so many numbers takes ten times as long. */
  readonly #slots: Int32Array;
  readonly #hashes: Uint32Array;
  readonly #documents: Int32Array;
  readonly #index: LexicalIndex;
  /** Of names that many files go by, once they were asked for. */
  readonly #found = new Map<number, number[]>();
  #count = 0;

  constructor(index: LexicalIndex) {
    // Two names a document at most, and half of the slots free.
    this.#slots = new Int32Array(2 ** Math.ceil(Math.log2(4 * index.documents + 1)));
    this.#hashes = new Uint32Array(2 * index.documents);
    this.#documents = new Int32Array(2 * index.documents);
    this.#index = index;
    for (const { segment, firstDocument } of index.parts) {
      const { stem, folder } = segment.importedAs();
      for (let i = 0; i < segment.documents; i++) {
        const document = firstDocument + i;
        if (!index.live[document] || index.flags[document] & (DocumentFlag.text | DocumentFlag.entry))
          continue;
        this.#add(stem[i], document);
        if (folder[i] !== 0) this.#add(folder[i], document);
      }
    }
  }

  #add(hash: number, document: number): void {
    this.#hashes[this.#count] = hash;
    this.#documents[this.#count] = document;
    this.#slots[this.#freeSlot(hash)] = ++this.#count;
  }

  #freeSlot(hash: number): number {
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    return slot;
  }

  /** The files that a name credits. */
  of(hash: number): number[] {
    const documents: number[] = [];
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; this.#slots[slot] !== 0; slot = (slot + 1) & mask) {
      const at = this.#slots[slot] - 1;
      if (this.#hashes[at] === hash) documents.push(this.#documents[at]);
    }
    if (documents.length <= MAX_PER_STEM) return documents;
    const known = this.#found.get(hash);
    if (known) return known;
    const first = firstByPath(this.#index, documents);
    this.#found.set(hash, first);
    return first;
  }
}

/** By path and not by place, which changes when segments are merged: a score must not. */
const firstByPath = ({ paths }: LexicalIndex, documents: number[]): number[] =>
  documents.sort((a, b) => (paths[a] < paths[b] ? -1 : 1)).slice(0, MAX_PER_STEM);

function importCounts(index: LexicalIndex): Float64Array {
  const stems = new Stems(index);
  const counts = new Float64Array(index.documents);
  /** The last document that each file was credited by: one counts once, however often it imports. */
  const creditedBy = new Int32Array(index.documents).fill(-1);
  for (const { segment, firstDocument } of index.parts) {
    const { end, values } = segment.imports();
    let at = 0;
    for (let document = 0; document < segment.documents; document++) {
      const own = firstDocument + document;
      for (; at < end[document]; at++) {
        if (!index.live[own]) continue;
        for (const file of stems.of(values[at])) {
          if (file === own || creditedBy[file] === own) continue;
          creditedBy[file] = own;
          counts[file]++;
        }
      }
    }
  }
  return counts.map((count) => Math.log1p(count));
}
