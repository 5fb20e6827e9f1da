/** `momo checkpoint`, `quarantine`, `digest` and `audit` for people. Used by format.ts. */
import type { AuditAnswer } from "../commands/audit.ts";
import type { CheckpointAnswer } from "../commands/checkpoint.ts";
import type { QuarantineAnswer } from "../commands/quarantine.ts";
import type { CompactReceipt, DigestReport } from "../model/rollback.ts";
import { formatRecords, formatVerdicts } from "./format-audit-log.ts";
import { bytes, count, counted, time } from "./quantity.ts";
import { table } from "./table.ts";
import { printable, type Terminal } from "./terminal.ts";

const dimmed = (terminal: Terminal) => ({ paint: (text: string) => terminal.paint("dim", text) });

export function formatCheckpoint(answer: CheckpointAnswer, terminal: Terminal): string {
  if ("removed" in answer) return `Forgot checkpoint ${printable(answer.removed)}.\n`;
  if ("name" in answer) return `Checkpoint ${answer.name} is the state after operation ${answer.seq}.\n`;
  if (answer.checkpoints.length === 0) return "No checkpoints. momo checkpoint NAME sets one.\n";
  const rows = answer.checkpoints
    .toReversed()
    .map(({ name, seq, at, agent }) => [name, `operation ${seq}`, time(at), printable(agent)]);
  return `${table(rows, [{}, {}, dimmed(terminal), {}], terminal).join("\n")}\n`;
}

export function formatQuarantine(answer: QuarantineAnswer, terminal: Terminal): string {
  if ("released" in answer) {
    return `Released ${counted(answer.released.length, "id")} as #${answer.transaction}: search finds them again.\n`;
  }
  const { quarantined } = answer;
  if (quarantined.length === 0) return "Nothing is in quarantine.\n";
  const rows = quarantined.map(({ id, version, transaction, reason, current }) => [
    printable(id),
    `v${version}`,
    `#${transaction}`,
    printable(current ? reason : "written anew since"),
  ]);
  return `${table(rows, [{}, {}, {}, dimmed(terminal)], terminal).join("\n")}\n`;
}

/** The beginning of each is enough to compare by eye, as in momo status. */
export function formatDigest({ digest, seq, parts }: DigestReport, terminal: Terminal): string {
  const rows = Object.entries({ all: digest, ...parts }).map(([part, value]) => [
    part,
    value.slice(0, 16) || "none",
  ]);
  const lines = table(rows, [dimmed(terminal), {}], terminal);
  return `${[...lines, `after operation ${count(seq)}`].join("\n")}\n`;
}

export function formatAudit(answer: AuditAnswer, terminal: Terminal): string {
  if (typeof answer === "string") return `${answer}\n`;
  if ("declined" in answer) return "Nothing was changed.\n";
  if ("ok" in answer) return formatVerdicts(answer, terminal);
  if ("records" in answer) return formatRecords(answer.records, terminal);
  if ("form" in answer) return converted(answer);
  if ("horizon" in answer) return `${compacted(answer)}\n`;
  if ("erase" in answer) {
    const rows = answer.erase.map(({ id, versions }) => [`  ${printable(id)}`, counted(versions, "version")]);
    return `Erases the content of\n${table(rows, [{}, {}], terminal).join("\n")}\n`;
  }
  const { ids, versions, transaction, overwritten } = answer;
  const rest = overwritten
    ? ""
    : "Another process is reading: the file loses the content with the next erase or compact after that.\n";
  return `Erased ${counted(ids.length, "id")} with ${counted(versions, "version")} as #${transaction}.\n${rest}`;
}

/** Before and after. */
function converted(answer: Extract<AuditAnswer, { form: string }>): string {
  if ("convert" in answer) return `Writes ${printable(answer.convert)} (${bytes(answer.bytes)}) anew.\n`;
  const { file, form, has_new_key, changed } = answer;
  if (has_new_key)
    return changed
      ? `${printable(file)} has the new key: from now on MOMO_ENCRYPTION_KEY must be that one.\n`
      : `${printable(file)} had the new key already.\n`;
  const state = form === "encrypted" ? "encrypted" : "not encrypted";
  if (!changed) return `${printable(file)} was ${state} already.\n`;
  return form === "encrypted"
    ? `${printable(file)} is encrypted: from now on MOMO_ENCRYPTION_KEY must be set.\n`
    : `${printable(file)} is not encrypted any more: unset MOMO_ENCRYPTION_KEY.\n`;
}

function compacted({ horizon, wanted, transactions, versions, held_by }: CompactReceipt): string {
  const dropped = `Dropped the operations of ${counted(transactions, "transaction")} and ${counted(versions, "version")}`;
  if (held_by === undefined) return `${dropped}, up to operation ${horizon}.`;
  return `${dropped}, up to operation ${horizon} and not ${wanted}: ${printable(held_by)} needs the rest.`;
}
