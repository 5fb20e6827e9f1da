/**
 * Reads that were answered a moment ago: the same question of another caller gets the same text while the knowledge is
 * the same, for at most a second, because some answers also say how files look now. Who asks at the same time waits for
 * one answer; it is given up when all who wait for it have gone. Used by create.ts.
 */
import { MomoError } from "../errors.ts";
import type { Reply } from "./service.ts";

export interface Recent {
  /** `state` is undefined where nobody can say whether it is still the same: then nothing is kept. */
  of(asked: Asked, work: (signal: AbortSignal) => Promise<Reply>): Promise<Reply>;
}

export interface Asked {
  key: string;
  state: () => string | undefined;
  signal: AbortSignal | undefined;
}

interface Flight {
  promise: Promise<Reply>;
  waiting: number;
  controller: AbortController;
}

interface Kept {
  reply: Reply;
  state: string;
  until: number;
}

const KEPT_MS = 1000;
/** Characters of all that is kept. */
const MAX_SIZE = 64e6;

export function createRecent(now: () => number): Recent {
  const flights = new Map<string, Flight>();
  const kept = new Map<string, Kept>();
  let size = 0;

  const forget = (key: string): void => {
    size -= kept.get(key)?.reply.json.length ?? 0;
    kept.delete(key);
  };
  const keep = (key: string, { reply, state }: Pick<Kept, "reply" | "state">): void => {
    forget(key);
    kept.set(key, { reply: { ...reply, cached: true }, state, until: now() + KEPT_MS });
    size += reply.json.length;
    for (const [oldest, { until }] of kept) {
      if (until > now() && size <= MAX_SIZE) return;
      forget(oldest);
    }
  };
  const find = (key: string, state: string | undefined): Reply | undefined => {
    const known = kept.get(key);
    return known && known.state === state && known.until > now() ? known.reply : undefined;
  };
  const start = ({ key, state }: Asked, work: (signal: AbortSignal) => Promise<Reply>): Flight => {
    const controller = new AbortController();
    const before = state();
    const promise = work(controller.signal).then((reply) => {
      // What was written meanwhile may be in it or not.
      if (before !== undefined && state() === before) keep(key, { reply, state: before });
      return reply;
    });
    const flight: Flight = { promise, waiting: 0, controller };
    flights.set(`${before} ${key}`, flight);
    const land = (): void => void flights.delete(`${before} ${key}`);
    promise.then(land, land);
    return flight;
  };
  return {
    of: (asked, work) => {
      const state = asked.state();
      const known = find(asked.key, state);
      if (known) return Promise.resolve(known);
      const flight = (state !== undefined && flights.get(`${state} ${asked.key}`)) || start(asked, work);
      return board(flight, asked.signal);
    },
  };
}

/** The last one to leave ends it. */
function board(flight: Flight, signal: AbortSignal | undefined): Promise<Reply> {
  flight.waiting++;
  if (!signal) return flight.promise;
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      if (--flight.waiting === 0) flight.controller.abort();
      reject(new MomoError("CANCELLED"));
    };
    if (signal.aborted) leave();
    else signal.addEventListener("abort", leave, { once: true });
    const stay = (): void => signal.removeEventListener("abort", leave);
    flight.promise.then(resolve, reject).finally(stay);
  });
}
