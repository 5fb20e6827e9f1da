/** `momo history` for people: transactions, or the versions of one id. Used by format.ts. */
import type { HistoryAnswer } from "../commands/history.ts";
import type { RollbackSelector, VersionRecord } from "../model/rollback.ts";
import type { TransactionRecord } from "../store/contract/journal.ts";
import type { TransactionDetail, TransactionKind } from "../store/contract/transaction.ts";
import { count, time } from "./quantity.ts";
import { type Column, table } from "./table.ts";
import { printable, type Terminal } from "./terminal.ts";

export function formatHistory(answer: HistoryAnswer, terminal: Terminal): string {
  if ("versions" in answer) return formatVersions(answer, terminal);
  const { transactions } = answer;
  if (transactions.length === 0) return "No transactions match.\n";
  const rows = transactions.map((record) => [
    `#${record.transaction}`,
    time(record.at),
    printable(record.agent),
    moved(record),
    record.kind,
    printable(remarks(record)),
  ]);
  return lines(rows, [{ align: "right" }, when(terminal), {}, {}, {}, said(terminal)], terminal);
}

const when = (terminal: Terminal): Column => ({ paint: (text) => terminal.paint("dim", text) });

/** What was taken back stands out; intents do not. */
const said = (terminal: Terminal): Column => ({
  paint: (text) =>
    text.replace(/^((?:partly )?undone by [#\d ]+)?(.*)$/s, (_, undone = "", rest) => {
      return terminal.paint("yellow", undone) + terminal.paint("dim", rest);
    }),
});

const lines = (rows: string[][], columns: Column[], terminal: Terminal): string =>
  `${table(rows, columns, terminal).join("\n")}\n`;

const moved = ({ created, updated, removed }: TransactionRecord): string =>
  [created && `+${count(created)}`, updated && `~${count(updated)}`, removed && `-${count(removed)}`]
    .filter(Boolean)
    .join(" ");

function remarks({ undone, detail = {}, kind, intent, agent, authors = [] }: TransactionRecord): string {
  const taken = undone && `${undone.all ? "" : "partly "}undone by ${numbers(undone.by)}`;
  const others = authors.some((author) => author !== agent) && `work of ${authors.join(", ")}`;
  return [taken, subjects[kind]?.(detail), others, intent === kind ? undefined : intent]
    .filter(Boolean)
    .join(": ");
}

const numbers = (transactions: readonly number[]): string => {
  const shown = transactions.slice(0, SHOWN).map((number) => `#${number}`);
  return [...shown, ...(transactions.length > SHOWN ? ["…"] : [])].join(" ");
};

const SHOWN = 6;

/** What a transaction was about, besides its operations. */
const subjects: Partial<Record<TransactionKind, (detail: TransactionDetail) => string>> = {
  merge: ({ name }) => `exploration ${name}`,
  undo: ({ selector, policy }) => {
    const around = policy === "block" ? "" : `, ${policy}`;
    return `${selectorText(selector as RollbackSelector | undefined)}${around}`;
  },
  redo: ({ of }) => `of #${of}`,
  rewind: ({ to_seq }) => `to operation ${to_seq}`,
  erase: ({ erased }) => (Array.isArray(erased) ? erased.join(" ") : ""),
  checkpoint: ({ name, removed }) => `${removed ? "removed " : ""}${name}`,
  explore: ({ name }) => `${name}`,
  discard: ({ name }) => `${name}`,
  compact: ({ to_seq }) => `up to operation ${to_seq}`,
};

/** `agent alice, since 2026-01-31T08:00:00Z`: by the names of the options. */
function selectorText(selector: RollbackSelector = {}): string {
  const { transactions, prefix, keys, ...others } = selector;
  const parts = Object.entries(others).map(([name, value]) => {
    const text = Array.isArray(value) ? value.join(" ") : String(value);
    return `${name.replaceAll("_", " ")} ${text}`;
  });
  return [
    ...(transactions ? [`of ${numbers(transactions)}`] : []),
    ...(prefix === undefined ? [] : [`path ${prefix}`]),
    ...(keys ? [`key ${keys.join(" ")}`] : []),
    ...parts,
  ].join(", ");
}

function formatVersions(
  { id, versions }: { id: string; versions: VersionRecord[] },
  terminal: Terminal,
): string {
  if (versions.length === 0) return `The history of ${printable(id)} was dropped by compaction.\n`;
  const rows = versions.map((record) => [
    record.version ? `v${record.version}` : "",
    time(record.at),
    printable(record.agent),
    record.change,
    `#${record.transaction}`,
    printable(stateOf(record)),
  ]);
  return `${printable(id)}\n${lines(rows, [{ align: "right" }, when(terminal), {}, {}, {}, state(terminal)], terminal)}`;
}

const stateOf = ({ id, current, undone_by, merged_by, intent }: VersionRecord): string =>
  [
    current && "current",
    undone_by !== undefined && `undone by #${undone_by}`,
    merged_by && `merged by ${merged_by}`,
    id && `as ${id}`,
    intent,
  ]
    .filter(Boolean)
    .join(": ");

const state = (terminal: Terminal): Column => ({
  paint: (text) => {
    const [, mark = "", rest = ""] = /^(current|undone by #\d+)?(.*)$/s.exec(text) ?? [];
    return terminal.paint(mark === "current" ? "green" : "yellow", mark) + terminal.paint("dim", rest);
  },
});
