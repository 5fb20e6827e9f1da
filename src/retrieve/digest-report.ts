/**
 * One number for everything that can be known: documents, graph, metadata, words, vectors, and what a search makes of
 * them. Two states are the same exactly when their reports are. Used by momo.ts.
 */
import { hash } from "node:crypto";
import { canonicalJson } from "../model/canonical-json.ts";
import type { DigestReport } from "../model/rollback.ts";
import type { Store } from "../store/contract/store.ts";
import type { LexicalIndex } from "../store/lexical/index.ts";
import { decodePostings } from "../store/lexical/postings.ts";
import { StateDigest } from "../store/records/digest.ts";
import { servingModel } from "../store/vector/models.ts";
import type { Retriever } from "./search.ts";

/** Asked of every knowledge base; their ranked scores must come back with the state. */
export const probes: readonly string[] = [
  "error handling",
  "where is the configuration read",
  "parse",
  "open a connection",
  "test",
  "main",
];

const PROBED = 20;

/** The sums over keys follow every change; words and rankings are computed anew. */
export function digestReport(store: Store, retriever: Retriever, queries = probes): DigestReport {
  const sum = (...kinds: Parameters<Store["digestOf"]>[0][]): string => {
    const total = new StateDigest();
    for (const kind of kinds) total.add(Buffer.from(store.digestOf(kind), "hex"));
    return Buffer.from(total.bytes()).toString("hex");
  };
  return {
    digest: store.digest(),
    seq: store.seq(),
    parts: {
      documents: sum("file", "entry"),
      graph: sum("relation"),
      metadata: sum("setting", "mark", "alias"),
      words: store.snapshot(() => wordsDigest(retriever.index())),
      vectors: vectorsDigest(store, retriever.index()),
      rankings: rankingsDigest(retriever, queries),
    },
  };
}

/** Over paths and scores, all digits of them. */
function rankingsDigest(retriever: Retriever, queries: readonly string[]): string {
  const lists = queries.map((query) =>
    retriever.search({ query, limit: PROBED }).results.map(({ path, start_line, score, content }) => {
      return [path, start_line, score, hash("sha256", content)];
    }),
  );
  return hash("sha256", canonicalJson(lists));
}

/**
 * The sum over live documents of a hash of their postings, lines and chunks: it does not matter in which segment they
 * lie, or what dead versions lie beside them.
 */
export function wordsDigest(index: LexicalIndex): string {
  const low = new Uint32Array(index.documents);
  const high = new Uint32Array(index.documents);
  for (const { segment, firstChunk } of index.parts) {
    const { bytes, start } = segment.words();
    for (let word = 0; word + 1 < start.length; word++) {
      const [a, b] = hashOf(bytes.subarray(start[word], start[word + 1]));
      decodePostings(segment, word, (chunk, wordClass, count) => {
        const own = firstChunk + chunk;
        const document = index.chunkDocument[own]!;
        const place = (own - index.firstChunk[document]!) * 64 + wordClass;
        low[document]! += mix(a ^ Math.imul(place + 1, 0x9e3779b1), count);
        high[document]! += mix(b ^ Math.imul(place + 1, 0x85ebca6b), count);
      });
    }
  }
  const sum = new StateDigest();
  for (let document = 0; document < index.documents; document++) {
    if (index.live[document]) sum.add(hash("sha256", documentText(index, document, [low, high]), "buffer"));
  }
  return Buffer.from(sum.bytes()).toString("hex");
}

/** The same over the vectors that searches compare; "" when nothing is embedded. */
export function vectorsDigest(store: Store, index: LexicalIndex): string {
  const serving = servingModel(store);
  if (!serving) return "";
  const sum = new StateDigest();
  for (const { segment, firstDocument } of index.parts) {
    const block = segment.id === 0 ? undefined : segment.vectors(serving.model);
    for (let document = 0; block && document < segment.documents; document++) {
      if (!index.live[firstDocument + document]) continue;
      const from = segment.firstChunk[document]!;
      const end = document + 1 < segment.documents ? segment.firstChunk[document + 1]! : segment.chunks;
      const codes = block.codes.subarray(from * block.dimensions, end * block.dimensions);
      const text = [segment.paths[document], hash("sha256", codes), [...block.scales.subarray(from, end)]];
      sum.add(hash("sha256", canonicalJson(text), "buffer"));
    }
  }
  return Buffer.from(sum.bytes()).toString("hex");
}

function documentText(index: LexicalIndex, document: number, words: readonly Uint32Array[]): string {
  const chunks = index.chunkStart.subarray(index.firstChunk[document], index.firstChunk[document + 1]);
  return canonicalJson({
    path: index.paths[document],
    lines: index.documentLines[document],
    flags: index.flags[document],
    chunks: [...chunks],
    words: words.map((sums) => sums[document]),
  });
}

/** Two independent 32-bit hashes of a word (FNV-1a with different starts). */
function hashOf(word: Uint8Array): [number, number] {
  let [a, b] = [0x811c9dc5, 0x01000193];
  for (const byte of word) {
    a = Math.imul(a ^ byte, 0x01000193);
    b = Math.imul(b ^ byte, 0x811c9dc5);
  }
  return [a, b];
}

/** The finish of MurmurHash3, so that sums of near numbers do not cancel out. */
function mix(value: number, count: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b) ^ Math.imul(count, 0xc2b2ae35);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
