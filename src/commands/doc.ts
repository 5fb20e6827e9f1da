/** `momo doc`: what people write into the knowledge base: notes, documentation of code, and relations. */
import { MomoError } from "../errors.ts";
import { type EntrySummary, type KnowledgeEntry, knowledgeTypes } from "../model/api.ts";
import { relationTypes } from "../model/outline.ts";
import type { Momo } from "../momo.ts";
import { type CommandContext, defineCommand, homeOption, type Input, waitOption } from "./command.ts";
import { type Asked, type DocWritten, relate, removeEntry, setEntry, setUsage } from "./doc-changes.ts";
import { openPlace } from "./place.ts";
import { writerOptions } from "./who.ts";

export type DocAnswer = DocWritten | KnowledgeEntry | { entries: EntrySummary[] };

const usages = {
  set: { words: ["ID"], usage: setUsage },
  show: { words: ["ID"], usage: "usage: momo doc show ID" },
  list: { words: [], usage: "usage: momo doc list [PREFIX]" },
  remove: { words: ["ID"], usage: "usage: momo doc remove ID" },
  relate: { words: ["SOURCE", "TYPE", "TARGET"], usage: "usage: momo doc relate SOURCE TYPE TARGET" },
  unrelate: { words: ["SOURCE", "TYPE", "TARGET"], usage: "usage: momo doc unrelate SOURCE TYPE TARGET" },
} as const;

const positionals = [
  {
    name: "action",
    value_name: "ACTION",
    kind: "word",
    choices: ["set", "show", "list", "remove", "relate", "unrelate"],
    help: "what to do; default list",
  },
  {
    name: "id",
    value_name: "ID",
    kind: "word",
    help: "an entry; doc:<path or id>:<kind> documents something; where relations begin, also a path or path#name",
  },
  {
    name: "relation",
    value_name: "TYPE",
    kind: "word",
    help: `type of a relation: ${relationTypes.join(", ")}; after set ID, - reads standard input`,
  },
  {
    name: "target",
    value_name: "TARGET",
    kind: "word",
    help: "where a relation ends: an id, a path, or path#name",
  },
] as const;

const options = {
  content: { type: "string", value_name: "TEXT", help: "the text to keep" },
  file: {
    type: "string",
    value_name: "FILE",
    help: "keep the text of FILE (- is standard input)",
    only: "cli",
  },
  type: {
    type: "string",
    value_name: "TYPE",
    choices: knowledgeTypes,
    help: "kind of text; default documentation",
  },
  meta: {
    type: "strings",
    value_name: "NAME=VALUE",
    help: "a field beside the text, as title=...; NAME= takes it away; several may be given",
  },
  documents: {
    type: "string",
    value_name: "ID",
    help: "what the text is about: a path, path#name or another entry",
  },
  relation_id: {
    type: "string",
    value_name: "ID",
    help: "tells relations of one type between the same ends apart",
  },
  ...writerOptions,
  expect: {
    type: "integer",
    value_name: "VERSION",
    min: 0,
    help: "write only if ID has this version now; 0 if it must not exist",
  },
  reads: { type: "strings", value_name: "ID", help: "something this is derived from; several may be given" },
  irreversible: {
    type: "string",
    value_name: "TEXT",
    help: "what is also done outside Momo and stays done, in words: nobody takes this back unasked",
  },
  exploration: { type: "string", value_name: "NAME", help: "read and write in this exploration" },
  path: {
    type: "string",
    value_name: "PATH",
    help: "folder whose knowledge base is meant; default the current one",
  },
  home: homeOption,
  wait: waitOption,
} as const;

type DocInput = Input<typeof positionals, typeof options>;
function checkWords({ action = "list", id, relation, target }: DocInput): void {
  const { words, usage } = usages[action];
  const given = [id, relation, target].filter((word) => word !== undefined);
  const most = action === "list" || (action === "set" && relation === "-") ? words.length + 1 : words.length;
  if (given.length < words.length)
    throw new MomoError("ARGUMENT_MISSING", { argument: words[given.length]!, usage });
  if (given.length > most) throw new MomoError("ARGUMENT_UNEXPECTED", { argument: given[most]!, usage });
}

async function show(momo: Momo, { id, exploration }: Asked): Promise<KnowledgeEntry> {
  const entry = await momo.get(id, exploration === undefined ? {} : { exploration });
  if (!entry) throw new MomoError("ENTRY_UNKNOWN", { id });
  return entry;
}

async function list(momo: Momo, { id, type, exploration }: Asked): Promise<{ entries: EntrySummary[] }> {
  const entries = await momo.entries({
    ...(id !== "" && { prefix: id }),
    ...(type && { type }),
    ...(exploration !== undefined && { exploration }),
  });
  return { entries };
}

async function run(context: CommandContext, input: DocInput): Promise<DocAnswer> {
  checkWords(input);
  const asked: Asked = { ...input, action: input.action ?? "list", id: input.id ?? "" };
  const { action } = asked;
  const begins = action === "set" || action === "relate";
  const { path, home, wait } = input;
  const { momo } = await openPlace(context, { path, home, wait, indexed: !begins });
  try {
    if (action === "set") return await setEntry(context, momo, asked);
    if (action === "show") return await show(momo, asked);
    if (action === "list") return await list(momo, asked);
    if (action === "remove") return await removeEntry(context, momo, asked);
    return await relate(context, momo, asked);
  } finally {
    await momo.close();
  }
}

export const doc = defineCommand({
  summary: "keep notes, documentation and relations beside the code",
  details:
    "What is written is found by momo search together with the code, is attributed, and can be taken back. set makes an " +
    "entry or changes what is given of it. An id doc:<path or id>:<kind> documents a file, a definition (path#name) or " +
    "another entry. Writing begins a knowledge base where there is none.",
  examples: [
    {
      command:
        'momo doc set notes/release --content "Run the checks on a clean clone first" --meta title="How to release"',
      help: "write a note",
    },
    {
      command: 'momo doc set doc:src/errors.ts:overview --content "One table, one row an error"',
      help: "document a file",
    },
    { command: "momo doc relate notes/release references src/errors.ts", help: "join two things" },
    { command: "momo doc list notes/", help: "what there is" },
    { command: "momo doc show notes/release", help: "one of them" },
    { command: "momo doc unrelate notes/release references src/errors.ts", help: "undo the joining" },
    { command: "momo doc remove notes/release", help: "remove it, and the relations at it" },
  ],
  positionals,
  options,
  effect: "write",
  effectOf: ({ action = "list" }) => (action === "list" || action === "show" ? "read" : "write"),
  run,
  failed: (result) => "removed" in result && result.removed === false,
});
