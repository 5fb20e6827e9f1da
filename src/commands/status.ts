/** `momo status`: what the index holds, what was left out, and whether files changed since. */
import { type CommandContext, defineCommand, homeOption, type Input } from "./command.ts";
import { openPlace } from "./place.ts";

const positionals = [
  {
    name: "path",
    value_name: "PATH",
    kind: "path",
    or_option: true,
    help: "an indexed folder; default the current one",
  },
] as const;

const options = { home: homeOption } as const;

async function run(context: CommandContext, input: Input<typeof positionals, typeof options>) {
  const { momo } = await openPlace(context, { ...input, indexed: true });
  try {
    return await momo.status();
  } finally {
    await momo.close();
  }
}

export const status = defineCommand({
  summary: "show what is indexed, what was left out, and what changed since",
  examples: [
    { command: "momo status", help: "the current folder" },
    { command: "momo status --json", help: "for a program" },
  ],
  positionals,
  options,
  effect: "read",
  run,
});
