/**
 * The places that an error message or stack trace in a query names, as far as the index has them: they come first in the
 * answer, as a file that is asked for by its path does. Called by search.ts.
 */
import type { LexicalIndex } from "../store/lexical/index.ts";
import { type Ranked, TARGET } from "./rank.ts";
import { tracedPlaces } from "./understand.ts";

/** A trace may be long; what failed is near its beginning, or in Python near its end. */
const MOST = 3;

/** The document that a path of a trace means: the trace may name it from further up, or from further down. */
function documentOf(index: LexicalIndex, path: string): number {
  let best = -1;
  let isTied = false;
  for (let document = 0; document < index.documents; document++) {
    const own = index.paths[document];
    if (!index.live[document] || !(own === path || path.endsWith(`/${own}`) || own.endsWith(`/${path}`)))
      continue;
    if (own === path) return document;
    const known = best < 0 ? -1 : commonLength(index.paths[best], path);
    const length = commonLength(own, path);
    isTied = length === known;
    if (length > known) best = document;
  }
  return isTied ? -1 : best;
}

const commonLength = (own: string, path: string): number => Math.min(own.length, path.length);

/** The files named, the one that failed first; each with the chunk of its line. */
export function tracedTargets(index: LexicalIndex, text: string): Ranked[] {
  const places = tracedPlaces(text);
  if (/most recent call last/i.test(text)) places.reverse();
  const found = new Map<number, Ranked>();
  for (const { path, line } of places) {
    const document = documentOf(index, path);
    if (document < 0 || found.has(document)) continue;
    const chunk = index.chunkOfLine(document, line);
    if (chunk >= 0) found.set(document, { document, chunk, score: 0, candidate: TARGET });
    if (found.size === MOST) break;
  }
  return [...found.values()];
}
