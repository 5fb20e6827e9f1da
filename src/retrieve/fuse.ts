/**
 * Joins rankings whose scores cannot be compared: reciprocal rank fusion (Cormack, Clarke and Büttcher, 2009). What one
 * ranking has high and another too comes first; what only one has is a candidate too. Used by meaning.ts.
 */

/** How much the first places count before the later ones: the value of the paper. */
export const FUSION_K = 60;

export interface Fused {
  item: number;
  /** Sum over the rankings of 1 / (k + place). */
  score: number;
  /** Place in each ranking, from 1; 0 where it is not in it. */
  places: number[];
}

/** Best first; `isBefore` orders items of equal score. An item counts once a ranking, where it is first. */
export function fuse(
  rankings: readonly (readonly number[])[],
  isBefore: (a: number, b: number) => boolean,
  k = FUSION_K,
): Fused[] {
  const fused = new Map<number, Fused>();
  rankings.forEach((ranking, at) => {
    let place = 0;
    for (const item of new Set(ranking)) {
      place++;
      const known = fused.get(item) ?? { item, score: 0, places: rankings.map(() => 0) };
      known.score += 1 / (k + place);
      known.places[at] = place;
      fused.set(item, known);
    }
  });
  return [...fused.values()].sort((a, b) => b.score - a.score || (isBefore(a.item, b.item) ? -1 : 1));
}
