/**
 * A copy of the knowledge somewhere else, kept up by the feed (feed.ts). What an engine must offer, how it is brought
 * up to date, and what may be believed of an answer that it gives.
 */

import type { KeyState } from "../contract/feed.ts";
import type { Store } from "../contract/store.ts";

/** Content goes with the state, so that an engine needs nothing else. */
export interface Delivery extends KeyState {
  body?: Uint8Array;
  text?: Uint8Array;
}

export interface Projection {
  name: string;
  /** Sets the state of each key unless it has a newer one (by `seq`); any order, any number of times. */
  apply(states: readonly Delivery[]): Promise<void>;
}

/** States in one delivery. */
const BATCH = 500;

/** Delivers everything after the projection's cursor; returns the sequence number that it is up to now. */
export async function catchUp(store: Store, projection: Projection): Promise<number> {
  for (;;) {
    const after = store.cursor(projection.name);
    const states = store.changes(after, BATCH);
    if (states.length === 0) return after;
    await projection.apply(
      states.map((state): Delivery => {
        const body = state.vid ? store.body(state.vid) : undefined;
        const text = state.vid ? store.text(state.vid) : undefined;
        return { ...state, ...(body && { body }), ...(text && { text }) };
      }),
    );
    store.setCursor(projection.name, states.at(-1)!.seq);
  }
}

/** A hit as an engine gives it back. */
export interface ForeignHit {
  key: string;
  seq: number;
}

/**
 * The hits that still hold: what the knowledge base itself says of the key is what the engine knew. So an engine that
 * lags can miss something, but can never return what was changed, removed or rolled back.
 */
export function liveHits<T extends ForeignHit>(store: Store, hits: readonly T[]): T[] {
  return hits.filter(({ key, seq }) => {
    const known = store.journal.kidOf(key);
    if (!known) return false;
    const { vid, seq: own } = store.journal.pointers(Float64Array.of(known.kid));
    return vid[0]! > 0 && own[0] === seq;
  });
}
