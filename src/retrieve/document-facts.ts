/** Facts about documents that hold for every query: path words, depth, how often others import them. */

import { DocumentFlag } from "../model/lexical-document.ts";
import { hashLow, hashText } from "../model/words.ts";
import type { LexicalIndex } from "../store/lexical/index.ts";
import type { DocumentFacts } from "./features.ts";
import { PathTable } from "./path-match.ts";

/** An ambiguous stem (`index`, `types`) credits at most this many files. */
const MAX_PER_STEM = 3;

export function documentFacts(index: LexicalIndex): DocumentFacts {
  const depth = new Uint8Array(index.documents);
  for (let document = 0; document < index.documents; document++) {
    if (isEntry(index, document)) continue;
    let slashes = 0;
    for (const letter of index.paths[document]) if (letter === "/") slashes++;
    depth[document] = Math.min(255, slashes);
  }
  return {
    ...countFiles(index),
    paths: new PathTable(index),
    imported: importCounts(index),
    depth,
    superseded: supersededVersions(index),
  };
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
  const versions = index.paths.map((path, document) =>
    counts(document) ? VERSION_FOLDER.exec(path)?.groups : undefined,
  );
  const newest = new Map<string, number>();
  const paths = new Set(versions.some(Boolean) ? index.paths.filter((_, document) => counts(document)) : []);
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

/** Files by the hash of the name an import would call them by; a barrel also goes by its folder's name. */
function byStem(index: LexicalIndex): Map<number, number[]> {
  const files = new Map<number, number[]>();
  const add = (name: string, document: number): void => {
    hashText(name.toLowerCase());
    const key = hashLow >>> 0;
    const known = files.get(key);
    if (known) known.push(document);
    else files.set(key, [document]);
  };
  for (let document = 0; document < index.documents; document++) {
    if (!index.live[document] || index.flags[document] & (DocumentFlag.text | DocumentFlag.entry)) continue;
    const path = index.paths[document];
    const slash = path.lastIndexOf("/");
    const name = path.slice(slash + 1);
    const dot = name.lastIndexOf(".");
    add(dot > 0 ? name.slice(0, dot) : name, document);
    if (index.flags[document] & DocumentFlag.barrel && slash > 0) {
      add(path.slice(path.lastIndexOf("/", slash - 1) + 1, slash), document);
    }
  }
  for (const [key, documents] of files) {
    if (documents.length > MAX_PER_STEM) files.set(key, firstByPath(index, documents));
  }
  return files;
}

/** By path and not by place, which changes when segments are merged: a score must not. */
const firstByPath = ({ paths }: LexicalIndex, documents: number[]): number[] =>
  documents.sort((a, b) => (paths[a] < paths[b] ? -1 : 1)).slice(0, MAX_PER_STEM);

function importCounts(index: LexicalIndex): Float64Array {
  const files = byStem(index);
  const counts = new Float64Array(index.documents);
  for (const { segment, firstDocument } of index.parts) {
    const { end, values } = segment.imports();
    let at = 0;
    for (let document = 0; document < segment.documents; document++) {
      const own = firstDocument + document;
      const credited = new Set<number>();
      for (; at < end[document]; at++) {
        if (!index.live[own]) continue;
        for (const file of files.get(values[at]) ?? []) if (file !== own) credited.add(file);
      }
      for (const file of credited) counts[file]++;
    }
  }
  return counts.map((count) => Math.log1p(count));
}
