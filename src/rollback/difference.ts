/** What a plan changes, as people read it: for each id what it says now and what it will say. Used by describe.ts. */

import { createTwoFilesPatch } from "diff";
import type { PlannedChange } from "../model/rollback.ts";
import type { VersionKind } from "../store/contract/knowledge.ts";
import type { StoreReader } from "../store/contract/reader.ts";
import type { Content } from "../store/records/merge-fields.ts";

/** Of so many ids the difference is shown, with so many lines each. */
const IDS = 20;
const LINES = 24;
/** Texts that differ in more lines are not compared: the time it takes grows with the square. */
const MAX_EDITS = 2000;

/** `merged` are contents that have no version yet. */
export function differenceText(
  store: StoreReader,
  changes: readonly PlannedChange[],
  merged: ReadonlyMap<string, Content>,
): string {
  const shown = changes.filter(({ change }) => change !== "unchanged");
  const parts = shown.slice(0, IDS).flatMap((planned) => {
    const { change, kind, id, from, to } = planned;
    if (change === "quarantined") return [`quarantined ${id}`];
    const title = `${change} ${kind} ${id}`;
    const after = change === "merged" ? merged.get(id) : contentOf(store, to);
    return [title, ...patchLines(textOf(contentOf(store, from), kind), textOf(after, kind))];
  });
  if (shown.length > IDS) parts.push(`and ${shown.length - IDS} more`);
  return parts.join("\n");
}

/** Lines with their sign, and `...` between places that do not follow each other. */
function patchLines(before: string, after: string): string[] {
  const patch = createTwoFilesPatch("", "", before, after, "", "", {
    context: 1,
    maxEditLength: MAX_EDITS,
  });
  if (patch === undefined) return ["  ... too much differs to show it"];
  const lines = patch
    .split("\n")
    .slice(5)
    .filter((line) => line !== "" && !line.startsWith("\\"))
    .map((line) => (line.startsWith("@@") ? "..." : line));
  const more = lines.length - LINES;
  const cut = more > 0 ? [...lines.slice(0, LINES), `... ${more} more lines`] : lines;
  return cut.map((line) => `  ${line}`);
}

function contentOf(store: StoreReader, vid: number): Content | undefined {
  const body = vid ? store.body(vid) : undefined;
  return body && { body, text: store.text(vid) };
}

/** What a reader can tell versions apart by: the text and, of all but files, the fields. */
function textOf(content: Content | undefined, kind: VersionKind): string {
  if (!content) return "";
  const said = Buffer.from(content.text ?? []).toString();
  const text = said === "" || said.endsWith("\n") ? said : `${said}\n`;
  return kind === "file" ? text : `${fieldLines(Buffer.from(content.body).toString()).join("")}${text}`;
}

/** `name: value` a line of what is kept as JSON. */
function fieldLines(body: string): string[] {
  const { metadata = {}, ...fields } = parsed(body);
  return Object.entries({ ...fields, ...(metadata as Record<string, unknown>) }).map(([name, value]) => {
    return `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}\n`;
  });
}

/** What is not JSON is one field. */
function parsed(body: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === "object" && value !== null) return { ...value };
  } catch {
    // Shown as it is.
  }
  return { value: body };
}
