/** The audit log and what verify says, for people. Used by format-journal.ts. */
import type { VerifyAnswer } from "../commands/audit.ts";
import type { AuditEntry } from "../security/audit-record.ts";
import { counted, time } from "./quantity.ts";
import { table } from "./table.ts";
import { printable, type Terminal } from "./terminal.ts";

function verdict(fault: string | undefined, sound: string, terminal: Terminal): string {
  if (fault === undefined) return `${terminal.paint("green", "ok")}  ${sound}`;
  return `${terminal.paint("red", "wrong")}  ${printable(fault)}`;
}

/** Lines for the journal and, where there is one, the audit log. */
export function formatVerdicts({ fault, log }: VerifyAnswer, terminal: Terminal): string {
  const journal = verdict(fault, "journal, state and contents agree", terminal);
  if (log === undefined) return `${journal}\n`;
  const sound = `audit log of ${counted(log.count, "record")}, up to ${log.head}`;
  return `${journal}\n${verdict(log.fault && `audit log: ${log.fault.why}`, sound, terminal)}\n`;
}

export function formatRecords(records: readonly AuditEntry[], terminal: Terminal): string {
  if (records.length === 0) return "Nothing is recorded.\n";
  const rows = records.map((record) => [
    `#${record.seq}`,
    time(record.at),
    printable(record.principal),
    printable(record.action),
    record.outcome,
    printable([record.workspace, record.resource].filter((part) => part !== undefined).join(" ")),
  ]);
  const dim = { paint: (text: string) => terminal.paint("dim", text) };
  const paint = (text: string, row: readonly string[]): string =>
    row[4] === "ok" ? text : terminal.paint("yellow", text);
  return `${table(rows, [{}, dim, {}, {}, { paint }, {}], terminal).join("\n")}\n`;
}
