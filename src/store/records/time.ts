/** Times as people give them. Used by history.ts and what selects transactions. */
import { MomoError } from "../../errors.ts";

/** Milliseconds since 1970 of anything Date.parse reads; raises VALUE_INVALID. */
export function readTime(name: string, value: string): number {
  const at = Date.parse(value);
  if (Number.isNaN(at)) throw new MomoError("VALUE_INVALID", { name, value, hint: "give an ISO 8601 time" });
  return at;
}
