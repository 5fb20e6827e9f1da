/** `momo explore` for people. Used by format.ts. */
import type { ExploreAnswer } from "../commands/explore.ts";
import type { Exploration, ExplorationComparison } from "../model/rollback.ts";
import { bytes, count, counted, wholeSeconds } from "./quantity.ts";
import { table } from "./table.ts";
import { printable, type Terminal } from "./terminal.ts";

const SHOWN = 30;

export function formatExplore(answer: ExploreAnswer, terminal: Terminal): string {
  if ("explorations" in answer) return listed(answer.explorations, terminal);
  if ("merged" in answer) {
    const { merged, transaction, operations } = answer;
    return `Merged ${merged} as #${transaction}: ${counted(operations, "change")}.\n`;
  }
  if ("discarded" in answer) return `Discarded ${answer.discarded}.\n`;
  if ("changes" in answer) return compared(answer, terminal);
  return `Exploration ${answer.name}: ${lifetime(answer)}. Write in it with --exploration ${answer.name}.\n`;
}

function lifetime({ pinned, expired, expires_at }: Exploration): string {
  if (pinned) return "stays until merged or discarded";
  if (expired) return "expired";
  return `${wholeSeconds(Math.max(0, Math.round((Date.parse(expires_at) - Date.now()) / 1000)))} left`;
}

function listed(explorations: readonly Exploration[], terminal: Terminal): string {
  if (explorations.length === 0) return "No explorations. momo explore start begins one.\n";
  const rows = explorations.map((one) => [
    one.parent === undefined ? one.name : `${one.name} over ${one.parent}`,
    printable(one.agent),
    counted(one.operations, "operation"),
    bytes(one.bytes),
    lifetime(one),
    printable(one.intent ?? ""),
  ]);
  const right = { align: "right" as const };
  const dim = { paint: (text: string) => terminal.paint("dim", text) };
  return `${table(rows, [{}, {}, right, right, {}, dim], terminal).join("\n")}\n`;
}

const colours = { created: "green", updated: "yellow", removed: "red" } as const;

function compared(comparison: ExplorationComparison, terminal: Terminal): string {
  const { changes, rankings } = comparison;
  const rows = changes
    .slice(0, SHOWN)
    .map(({ id, kind, change, conflict }) => [
      change,
      kind,
      `${printable(id)}${conflict ? "  changed beneath it, too" : ""}`,
    ]);
  const paint = (text: string, [change]: readonly string[]): string =>
    terminal.paint(colours[change as keyof typeof colours], text);
  const more = changes.length - SHOWN;
  const lines = [
    ...(changes.length === 0 ? ["Nothing was changed in it."] : table(rows, [{ paint }, {}, {}], terminal)),
    ...(more > 0 ? [`and ${count(more)} more`] : []),
    ...rankings.flatMap((ranking) => ["", ...rankingLines(ranking, terminal)]),
  ];
  return `${lines.join("\n")}\n`;
}

/** The first results on both sides, side by side. */
function rankingLines(
  { query, overlap, base, exploration }: ExplorationComparison["rankings"][number],
  terminal: Terminal,
): string[] {
  const places = Array.from({ length: Math.min(5, Math.max(base.length, exploration.length)) }, (_, i) => [
    `  ${i + 1}`,
    printable(base[i]?.path ?? ""),
    printable(exploration[i]?.path ?? ""),
  ]);
  const same = `${Math.round(overlap * 100)} % in common`;
  const title = `${terminal.paint("bold", `“${printable(query)}”`)}  ${same}`;
  if (places.length === 0) return [title, "  nothing found on either side"];
  const rows = [["", "now", "in the exploration"], ...places];
  return [title, ...table(rows, [{}, {}, {}], terminal)];
}
