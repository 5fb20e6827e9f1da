/** What can be said of an engine, and when it is given up. Used by relay.ts, compaction and the status. */
import type { EngineHealth } from "../../model/api.ts";
import type { EngineRecord } from "../contract/feed.ts";
import type { StoreReader } from "../contract/reader.ts";
import type { EngineLag } from "../contract/relay.ts";
import type { Store } from "../contract/store.ts";

/** So long compaction waits for an engine that is not reached. */
const PATIENCE_DAYS = 30;
const PATIENCE_MS = PATIENCE_DAYS * 86_400_000;

export const lagOf = ({ name, seq, error }: EngineRecord, now: number): EngineLag => ({
  name,
  behind: Math.max(0, now - seq),
  ...(error !== undefined && { error }),
});

const iso = (time: number): string => new Date(time).toISOString();

export function engineHealth(store: StoreReader): EngineHealth[] {
  return store.snapshot(() => {
    const seq = store.seq();
    return store.engines().map((record) => {
      const { state, attempts, reached_at, retry_at } = record;
      return {
        ...lagOf(record, seq),
        state,
        attempts,
        reached_at: iso(reached_at),
        ...(retry_at !== undefined && { retry_at: iso(retry_at) }),
        ...(record.seq < seq && state !== "abandoned" && { abandoned_at: iso(reached_at + PATIENCE_MS) }),
      };
    });
  });
}

/** Nobody waits for it any more. */
export const isLost = (
  { state, seq: own, reached_at }: EngineRecord,
  { seq, now }: { seq: number; now: number },
): boolean => state === "abandoned" || (own < seq && now - reached_at > PATIENCE_MS);

/**
 * Gives up engines that lag and were not reached for so long: compaction does not keep the past for them any more. One
 * that comes back is compared as a whole, so nothing is lost by it.
 */
export function abandonLost(store: Store, reader: StoreReader, now: number): void {
  const seq = reader.seq();
  for (const record of reader.engines())
    if (record.state !== "abandoned" && isLost(record, { seq, now }))
      store.setEngine({ ...record, state: "abandoned" });
}
