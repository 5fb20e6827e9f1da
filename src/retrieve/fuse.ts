/**
 * Joins rankings whose scores cannot be compared: reciprocal rank fusion (Cormack, Clarke and Büttcher, 2009). What one
 * ranking has high and another too comes first; what only one has is a candidate too. And what makes cosines of any
 * model comparable with a score. Used by meaning.ts.
 */

/** How much the first places count before the later ones: the value of the paper. */
export const FUSION_K = 60;

export interface Fused {
  item: number;
  /** Sum over the rankings of weight / (k + place). */
  score: number;
  /** Place in each ranking, from 1; 0 where it is not in it. */
  places: number[];
}

/** A ranking, best first, and how much it counts beside the others. */
export interface Ranking {
  items: readonly number[];
  weight: number;
}

/** Best first; `isBefore` orders items of equal score. An item counts once a ranking, where it is first. */
export function fuse(
  rankings: readonly Ranking[],
  isBefore: (a: number, b: number) => boolean,
  k = FUSION_K,
): Fused[] {
  const fused = new Map<number, Fused>();
  rankings.forEach(({ items, weight }, at) => {
    let place = 0;
    for (const item of new Set(items)) {
      place++;
      const known = fused.get(item) ?? { item, score: 0, places: rankings.map(() => 0) };
      known.score += weight / (k + place);
      known.places[at] = place;
      fused.set(item, known);
    }
  });
  return [...fused.values()].sort((a, b) => b.score - a.score || (isBefore(a.item, b.item) ? -1 : 1));
}

export interface Similar {
  document: number;
  /** Above 0. */
  cosine: number;
}

/**
 * By how many standard deviations the cosine of a document lies above the mean over so many documents, those that are
 * not listed having 0; at least 0. Nothing stands out where all are alike.
 */
export function standingOut(similar: readonly Similar[], documents: number): Map<number, number> {
  let sum = 0;
  let squares = 0;
  for (const { cosine } of similar) {
    sum += cosine;
    squares += cosine * cosine;
  }
  const mean = sum / Math.max(1, documents);
  const deviation = Math.sqrt(Math.max(0, squares / Math.max(1, documents) - mean * mean));
  if (deviation < 1e-6) return new Map();
  return new Map(similar.map(({ document, cosine }) => [document, Math.max(0, (cosine - mean) / deviation)]));
}
