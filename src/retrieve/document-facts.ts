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
    let slashes = 0;
    for (const letter of index.paths[document]) if (letter === "/") slashes++;
    depth[document] = Math.min(255, slashes);
  }
  return {
    paths: new PathTable(index),
    imported: importCounts(index),
    depth,
    superseded: supersededVersions(index),
  };
}

const VERSION_FOLDER = /^(?<before>.*?(?:^|\/))v(?<number>\d+)\/(?<rest>.*)$/;

/** 1 for files below a folder `vN` that has a newer neighbour (`v3` beside `v4`) or a newer twin one folder up. */
function supersededVersions(index: LexicalIndex): Uint8Array {
  const versions = index.paths.map((path) => VERSION_FOLDER.exec(path)?.groups);
  const newest = new Map<string, number>();
  const paths = new Set(versions.some(Boolean) ? index.paths : []);
  const twinned = new Set<string>();
  versions.forEach((version, document) => {
    if (!version) return;
    const { before = "", number, rest } = version;
    newest.set(before, Math.max(Number(number), newest.get(before) ?? 0));
    if (index.live[document] && paths.has(before + rest)) twinned.add(`${before}v${number}/`);
  });
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
    if (!known) files.set(key, [document]);
    else if (known.length < MAX_PER_STEM) known.push(document);
  };
  for (let document = 0; document < index.documents; document++) {
    if (!index.live[document] || index.flags[document] & DocumentFlag.text) continue;
    const path = index.paths[document];
    const slash = path.lastIndexOf("/");
    const name = path.slice(slash + 1);
    const dot = name.lastIndexOf(".");
    add(dot > 0 ? name.slice(0, dot) : name, document);
    if (index.flags[document] & DocumentFlag.barrel && slash > 0) {
      add(path.slice(path.lastIndexOf("/", slash - 1) + 1, slash), document);
    }
  }
  return files;
}

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
