/** `momo ingest`: brings the index up to date with a folder; files that did not change are not read again. */
import type { IngestStats, Status } from "../model/api.ts";
import { type CommandContext, defineCommand, homeOption, type Input, waitOption } from "./command.ts";
import { openPlace, type Place } from "./place.ts";

/** What ingest did, and with `verbose` what it left out and why. */
export interface IngestAnswer extends IngestStats {
  root: string;
  home: string;
  skipped?: Status["skipped"];
  warnings?: Status["warnings"];
}

const positionals = [
  {
    name: "path",
    value_name: "PATH",
    kind: "path",
    or_option: true,
    help: "folder to index, or a folder or file of an indexed one; default the current one",
  },
] as const;

const options = {
  pattern: {
    type: "strings",
    short: "p",
    value_name: "GLOB",
    help: "index only files whose path matches, instead of every language Momo knows",
  },
  ignore: {
    type: "strings",
    short: "i",
    value_name: "GLOB",
    help: "leave these out as well as what .gitignore and .momoignore name",
  },
  verbose: { type: "boolean", short: "v", help: "also say which files were left out, and why" },
  home: homeOption,
  wait: waitOption,
} as const;

async function leftOut({ momo }: Place): Promise<Pick<Status, "skipped" | "warnings">> {
  const { skipped, warnings } = await momo.status();
  return { skipped, warnings };
}

async function run(
  context: CommandContext,
  input: Input<typeof positionals, typeof options>,
): Promise<IngestAnswer> {
  const place = await openPlace(context, { ...input, file: true });
  try {
    const stats = await place.momo.ingest({
      ...(place.inside && { path: place.inside }),
      ...(input.pattern.length > 0 && { patterns: input.pattern }),
      ...(input.ignore.length > 0 && { ignore: input.ignore }),
      ...(context.onProgress && { on_progress: context.onProgress }),
      ...(context.signal && { signal: context.signal }),
    });
    const extra = input.verbose ? await leftOut(place) : {};
    return { ...stats, root: place.root, home: place.momo.home, ...extra };
  } finally {
    await place.momo.close();
  }
}

export const ingest = defineCommand({
  summary: "index a folder, or bring its index up to date",
  details:
    "Reads what changed since the last time and applies it in one step: an interrupted run leaves the previous index " +
    "as it was. Files that are binary, generated, too large or unreadable are left out; momo status lists them.",
  examples: [
    { command: "momo ingest", help: "the current folder" },
    { command: 'momo ingest . --pattern "src/**" --ignore "*.test.ts"', help: "part of it" },
    { command: "momo ingest --verbose", help: "with what was left out" },
  ],
  positionals,
  options,
  effect: "write",
  run,
});
