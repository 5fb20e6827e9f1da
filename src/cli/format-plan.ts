/** `momo rollback`, `redo` and `rewind` for people: the plan, what stands in its way, and what was done. Used by format.ts. */
import type { BlockedPlan, Remedy, TakeBackResult } from "../commands/take-back.ts";
import type {
  PlanConflict,
  PlanOutside,
  RollbackPlan,
  RollbackReceipt,
  StoreCounts,
} from "../model/rollback.ts";
import { age, count, counted } from "./quantity.ts";
import { table } from "./table.ts";
import { printable, shorten, type Terminal, width } from "./terminal.ts";

const DIFF_LINES = 30;
const MANY_IDS = 10;
const SHOWN = 12;

export function formatTakeBack(result: TakeBackResult, terminal: Terminal): string {
  const lines =
    "remedies" in result
      ? blockedLines(result, terminal)
      : "outcome" in result
        ? [result.outcome === "declined" ? "Nothing was changed." : receiptLine(result)]
        : planLines(result, terminal);
  return `${lines.join("\n")}\n`;
}

const section = (title: string, lines: readonly string[], terminal: Terminal): string[] =>
  lines.length === 0 ? [] : ["", terminal.paint("bold", title), ...lines];

/** The first of a list, and how many more there are. */
function first<T>(items: readonly T[], show: (items: readonly T[]) => string[]): string[] {
  const more = items.length - SHOWN;
  return [...show(items.slice(0, SHOWN)), ...(more > 0 ? [`  and ${count(more)} more`] : [])];
}

type Row = readonly [string, string];

/** Two columns, or the second below the first where one would be cut. */
function fitted(rows: readonly Row[], terminal: Terminal): string[] {
  const widest = (place: 0 | 1): number => Math.max(...rows.map((row) => width(row[place])));
  const isNarrow = widest(0) + widest(1) + 4 > terminal.columns;
  if (!isNarrow)
    return table(
      rows.map(([name, text]) => [`  ${name}`, text]),
      [{}, {}],
      terminal,
    );
  return rows.flatMap(([name, text]) => [
    `  ${shorten(name, terminal.columns - 2)}`,
    `      ${shorten(text, terminal.columns - 6)}`,
  ]);
}

function planLines(plan: RollbackPlan, terminal: Terminal): string[] {
  if (plan.operations === 0 && plan.quarantined.length === 0) return [nothing(plan)];
  const { conflicts, dependents, diff, residue, outside } = plan;
  const isRedo = plan.action === "redo";
  const named = new Set(conflicts.map(({ transaction, id }) => `${transaction} ${id}`));
  const readers = dependents.filter(({ transaction, id }) => !named.has(`${transaction} ${id}`));
  const files = plan.changes.some(({ kind, change }) => kind === "file" && change !== "unchanged");
  return [
    ...titleLines(plan, terminal),
    ...section("What changes", diffLines(diff, terminal), terminal),
    ...section("Done outside too, and stays done", outsideLines(outside, terminal), terminal),
    ...section(isRedo ? "In its way" : "Built on it", conflictLines(conflicts, terminal), terminal),
    ...section("Read it", readerLines(readers, terminal), terminal),
    ...section("Stays as it is", first(residue, idLines), terminal),
    ...(files ? ["", "Files on disk are not touched: the next momo ingest reads them again."] : []),
    "",
    `Plan ${plan.plan_hash}`,
  ];
}

const idLines = (ids: readonly string[]): string[] => ids.map((id) => `  ${printable(id)}`);

const nothing = ({ action }: Pick<RollbackPlan, "action">): string =>
  ({
    rollback: "Nothing to take back.",
    redo: "Nothing to bring back.",
    rewind: "Nothing to do: that is the state of now.",
  })[action];

function titleLines(plan: RollbackPlan, terminal: Terminal): string[] {
  const { action, of, to_seq, operations, transactions, cascade, restores, stores } = plan;
  const work = operations === 0 ? "nothing" : `${counted(operations, "operation")} of ${agentsText(plan)}`;
  const title = {
    rollback: `Takes back ${work}.`,
    redo: `Reverses #${of}: ${work}.`,
    rewind: `Goes back to operation ${to_seq}: ${work}.`,
  }[action];
  const also = cascade.length > 0 ? `, and ${numbers(cascade)} built on it` : "";
  const rows = [
    ...(action === "rollback" ? [["  transactions", `${numbers(transactions)}${also}`]] : []),
    ["  changes", storesText(stores)],
    ...(restores.length > 0 ? [["  brings back", `${numbers(restores)} too, which that rests on`]] : []),
    ...(action === "redo" && cascade.length > 0 ? [["  takes back", `${numbers(cascade)} too`]] : []),
  ];
  const label = { paint: (text: string) => terminal.paint("dim", text) };
  return [terminal.paint("bold", title), ...table(rows, [label, {}], terminal)];
}

const numbers = (transactions: readonly number[]): string => {
  const shown = transactions
    .toSorted((a, b) => a - b)
    .slice(0, SHOWN)
    .map((number) => `#${number}`);
  return [...shown, ...(transactions.length > SHOWN ? ["…"] : [])].join(" ");
};

function agentsText({ agents }: RollbackPlan): string {
  const entries = Object.entries(agents).sort(([, a], [, b]) => b - a);
  if (entries.length === 1) return printable(entries[0]![0]);
  const texts = entries.map(([agent, operations]) => `${printable(agent)} (${count(operations)})`);
  return `${texts.slice(0, -1).join(", ")} and ${texts.at(-1)}`;
}

/** `documents ~2 -1, graph -1`. */
function storesText(stores: RollbackPlan["stores"]): string {
  const parts = Object.entries(stores).map(
    ([store, { created, updated, removed }]: [string, StoreCounts]) => {
      const counts = [
        created && `+${count(created)}`,
        updated && `~${count(updated)}`,
        removed && `-${count(removed)}`,
      ];
      const text = counts.filter(Boolean).join(" ");
      return text && `${store} ${text}`;
    },
  );
  return parts.filter(Boolean).join(", ") || "no document, relation or setting looks different afterwards";
}

const colours: Readonly<Record<string, "red" | "green" | "dim">> = { "-": "red", "+": "green", ".": "dim" };

/** A title for each id, then lines that begin with two spaces and a sign. The more ids, the fewer lines of each. */
function diffLines(diff: string, terminal: Terminal): string[] {
  const all = diff === "" ? [] : diff.split("\n");
  const isTitle = (line: string): boolean => !line.startsWith("  ");
  const ids = all.filter(isTitle).length;
  const most = ids > MANY_IDS ? 0 : Math.floor(DIFF_LINES / ids);
  let lines = 0;
  const shown = all.filter((line) => {
    lines = isTitle(line) ? 0 : lines + 1;
    return lines <= most;
  });
  const painted = shown.map((line) => {
    const text = shorten(printable(line), terminal.columns - 2);
    const colour = isTitle(line) ? undefined : colours[line[2] ?? ""];
    return `  ${colour ? terminal.paint(colour, text) : text}`;
  });
  const more = all.length - shown.length;
  return more > 0 ? [...painted, `  ${counted(more, "more line")}: --dry-run --json shows them`] : painted;
}

function conflictLines(conflicts: readonly PlanConflict[], terminal: Terminal): string[] {
  return first(conflicts, (shown) => {
    return fitted(
      shown.map((conflict) => [printable(conflict.id), printable(conflictText(conflict))]),
      terminal,
    );
  });
}

/** What is in the way, who did it and when, and what for. */
function conflictText({ reason, transaction, agent, at, intent, detail }: PlanConflict): string {
  const what = {
    write: "written since",
    read: "used",
    source: `derived from ${detail}, which is taken back`,
    structure: detail ?? "needed",
    external: `irreversible: ${detail}`,
    horizon: "its older state was dropped by compaction",
    erased: "the content that it had was erased, and cannot come back",
  }[reason];
  if (agent === undefined || at === undefined) return what;
  const why = intent === undefined ? "" : `: ${intent}`;
  return `${what} (${agent} in #${transaction}, ${age(at, Date.now())})${why}`;
}

function outsideLines(outside: readonly PlanOutside[], terminal: Terminal): string[] {
  return first(outside, (shown) => {
    const rows = shown.map(({ transaction, agent, at, detail }): Row => {
      return [printable(detail), printable(`${agent} in #${transaction}, ${age(at, Date.now())}`)];
    });
    return fitted(rows, terminal);
  });
}

function readerLines(dependents: RollbackPlan["dependents"], terminal: Terminal): string[] {
  return first(dependents, (shown) => {
    const rows = shown.map(({ transaction, agent, at, id, strength }): Row => {
      const what = `${strength === "weak" ? "seen" : "used"} by ${agent} in #${transaction}`;
      return [printable(id), printable(`${what}, ${age(at, Date.now())}`)];
    });
    return fitted(rows, terminal);
  });
}

function blockedLines(plan: BlockedPlan, terminal: Terminal): string[] {
  const { conflicts, remedies } = plan;
  const help = remedies.length > 0 ? remedyLines(plan, terminal) : ["  nothing does: narrow what is meant"];
  return [
    terminal.paint("bold", `Nothing was changed: ${counted(conflicts.length, "thing")} in the way.`),
    ...conflictLines(conflicts, terminal),
    ...(plan.action === "rewind" ? [] : section("What would help", help, terminal)),
  ];
}

function remedyLines({ remedies, action, conflicts }: BlockedPlan, terminal: Terminal): string[] {
  const isOutside = conflicts.every(({ reason }) => reason === "external");
  const effect = action === "redo" ? effectOfRedo : effectOf;
  const rows = remedies.map((remedy): Row => {
    const text =
      isOutside && remedy.policy === "force" ? "takes it back here; outside it stays done" : effect(remedy);
    return [`--policy ${remedy.policy}`, printable(text)];
  });
  return fitted(rows, terminal);
}

function effectOf({ policy, cascade, agents, residue, quarantined }: Remedy): string {
  const whose = agents.length > 0 ? ` of ${agents.join(", ")}` : "";
  switch (policy) {
    case "cascade":
      return `takes back ${numbers(cascade)}${whose} as well`;
    case "skip":
      return `leaves ${asItIs(residue)}`;
    case "quarantine":
      return `keeps ${shortList(quarantined)}, but out of search until released`;
    case "merge":
      return "takes back only what nobody changed since";
    default:
      return `takes it back over the later work${whose}`;
  }
}

/** What is different where something is brought back. */
function effectOfRedo(remedy: Remedy): string {
  const { policy, cascade, restores, agents, quarantined } = remedy;
  const whose = agents.length > 0 ? ` of ${agents.join(", ")}` : "";
  switch (policy) {
    case "cascade": {
      const parts = [
        restores.length > 0 && `brings back ${numbers(restores)}`,
        cascade.length > 0 && `takes back ${numbers(cascade)}`,
      ];
      return `${parts.filter(Boolean).join(" and ")}${whose} as well`;
    }
    case "quarantine":
      return `brings it back, with ${shortList(quarantined)} out of search until released`;
    case "force":
      return "brings it back all the same";
    default:
      return effectOf(remedy);
  }
}

const asItIs = (ids: readonly string[]): string =>
  ids.length === 1 ? `${ids[0]} as it is` : `${shortList(ids)} as they are`;

const shortList = (ids: readonly string[]): string =>
  ids.length <= 2 ? ids.join(" and ") : counted(ids.length, "id");

function receiptLine(receipt: RollbackReceipt): string {
  const { action, transaction, operations, outcome, residue } = receipt;
  if (transaction === 0) return nothing(receipt);
  if (outcome === "already") return `That was done already, as #${transaction}.`;
  const what = { rollback: "Taken back", redo: "Reversed", rewind: "Gone back" }[action];
  const left = residue.length > 0 ? `, ${printable(asItIs(residue))}` : "";
  return `${what} as #${transaction}: ${counted(operations, "change")}${left}. momo redo ${transaction} reverses it.`;
}
