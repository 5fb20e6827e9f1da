/** What a rewind has to be agreed to for. Used by rollback.ts, and by the commands before they ask. */
import { MomoError } from "../errors.ts";
import type { RollbackPlan } from "../model/rollback.ts";

/** Of a plan, what nobody has agreed to yet. */
interface NotAgreed extends Pick<RollbackPlan, "others" | "outside"> {
  to_seq: number | undefined;
}

/** Raises REWIND_OTHERS and REWIND_IRREVERSIBLE for what is left to agree to. */
export function refuseRewind({ others, outside, to_seq = 0 }: NotAgreed): void {
  if (others.length > 0) throw new MomoError("REWIND_OTHERS", { agents: others.join(", "), seq: to_seq });
  if (outside.length === 0) return;
  const transactions = outside.map(({ transaction }) => `#${transaction}`).join(" ");
  const detail = outside[0]!.detail;
  throw new MomoError("REWIND_IRREVERSIBLE", { transactions, seq: to_seq, detail });
}
