/**
 * Calls a tool: its command by the service, the result as structured content with the same as text. What goes wrong
 * while it runs is a result too, with the code and the line that says what to do next: an agent reads it and goes on.
 * A tool that does not exist is an error of the protocol. Used by server.ts.
 */
import type { SearchAnswer } from "../commands/search.ts";
import { MomoError } from "../errors.ts";
import type { Reply } from "../service/service.ts";
import { type Asking, callCommand } from "./session.ts";
import { commandInput } from "./tool-set.ts";
import type { ToolRow } from "./tools.ts";

export interface ToolResult {
  content: { type: "text"; text: string }[];
  structuredContent: Record<string, unknown>;
  isError?: true;
  [more: string]: unknown;
}

function resultOf(structured: Record<string, unknown>, isError: boolean): ToolResult {
  return {
    content: [{ type: "text", text: JSON.stringify(structured) }],
    structuredContent: structured,
    ...(isError && { isError: true }),
  };
}

const isNotIndexed = (error: unknown): boolean => error instanceof MomoError && error.code === "NOT_INDEXED";

/** Where the server looks after the index, an answer waits for it only when there is none yet. */
async function run(asking: Asking, row: ToolRow, input: Record<string, unknown>): Promise<Reply> {
  const { freshness } = asking;
  try {
    return await callCommand(asking, row.command, input);
  } catch (error) {
    if (!freshness || !isNotIndexed(error)) throw error;
    await freshness.now(asking.on_progress);
    return callCommand(asking, row.command, input);
  }
}

/** Says beside an answer that the index is not quite up to date, and sees to it. */
function withFreshness({ freshness }: Asking, row: ToolRow, result: unknown): Record<string, unknown> {
  const structured = row.answer(result as never);
  if (!freshness || row.command !== "search") return structured;
  const note = freshness.note();
  freshness.after({ stale: ((result as SearchAnswer).coverage.stale ?? 0) > 0 });
  if (note === undefined) return structured;
  return { ...structured, notes: [structured.notes, note].filter(Boolean).join("; ") };
}

/** Raises TOOL_UNKNOWN, and what is no MomoError. */
export async function callTool(
  asking: Asking,
  name: string,
  given: Readonly<Record<string, unknown>>,
): Promise<ToolResult> {
  const row = await asking.tools.find(name);
  try {
    const { json, failed } = await run(asking, row, commandInput(row, given));
    const isError = failed && !row.fixed?.dry_run;
    return resultOf(withFreshness(asking, row, JSON.parse(json)), isError);
  } catch (error) {
    if (!(error instanceof MomoError)) throw error;
    return resultOf({ code: error.code, message: error.message, values: error.values }, true);
  }
}
