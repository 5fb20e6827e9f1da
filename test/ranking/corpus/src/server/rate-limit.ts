import type { Middleware } from "./types";

const WINDOW_MS = 60_000;

/**
 * Throttles clients that ask too often: answers 429 after `most` requests from one
 * address within a minute.
 */
export function rateLimit(most: number, now: () => number = Date.now): Middleware {
  const seen = new Map<string, number[]>();
  return (next) => async (request) => {
    const address = request.headers["x-forwarded-for"] ?? "unknown";
    const recent = (seen.get(address) ?? []).filter((at) => at > now() - WINDOW_MS);
    if (recent.length >= most) return { status: 429, headers: {}, body: "too many requests" };
    seen.set(address, [...recent, now()]);
    return next(request);
  };
}
