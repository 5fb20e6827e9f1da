/** `momo embed` for people: the plan, and what was done. Used by format.ts. */
import type { EmbedAnswer } from "../commands/embed.ts";
import { pairs } from "./format-status.ts";
import { count, counted, duration } from "./quantity.ts";
import { printable, type Terminal } from "./terminal.ts";

export function formatEmbed(answer: EmbedAnswer, terminal: Terminal): string {
  const { from, model, dimensions, chunks, to_embed, requests } = answer;
  const isDone = "embedded" in answer;
  const change = from === model ? model : `${from ?? "none"} -> ${model}`;
  const plan: [string, string][] = [
    ["Model", `${printable(change)}, ${count(dimensions)} numbers`],
    [
      isDone ? "Embedded" : "To embed",
      `${count(isDone ? answer.embedded : to_embed)} of ${counted(chunks, "chunk")}`,
    ],
  ];
  if (!isDone) {
    const asked = requests === 0 ? "none, the model runs here" : `about ${count(requests)}`;
    return `${pairs([...plan, ["Requests", asked]], terminal).join("\n")}\n`;
  }
  const seconds = answer.processing_time_seconds;
  const state = answer.serving
    ? "searches use it"
    : `searches use ${printable(from ?? "words only")} until all have vectors`;
  const rows: [string, string][] = [
    ...(answer.remaining > 0 ? [["Left", counted(answer.remaining, "chunk")] as [string, string]] : []),
    ["In force", state],
    ["Time", duration(seconds * 1000)],
  ];
  return `${pairs([...plan, ...rows], terminal).join("\n")}\n`;
}
