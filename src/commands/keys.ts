/** `momo keys`: makes, lists, rotates and revokes the keys by which a server knows who calls. */
import { auditKey } from "../config/config.ts";
import { MomoError } from "../errors.ts";
import { openAuditLog } from "../security/audit-log.ts";
import type { KeyChange, MadeKey } from "../security/key-changes.ts";
import type { KeyRecord } from "../security/key-file.ts";
import { type Keys, openKeys } from "../security/keys.ts";
import { roles } from "../security/roles.ts";
import { type CommandContext, defineCommand, homeOption, type Input, pathOption } from "./command.ts";
import { homeOf } from "./place.ts";
import { readSeconds } from "./time.ts";
import { localCaller } from "./who.ts";

/** A key's text is in the answer of `create` and `rotate`, and nowhere afterwards. */
export type KeysAnswer = { keys: KeyRecord[] } | MadeKey | { revoked: KeyRecord };

const usages = {
  list: "usage: momo keys list",
  create: "usage: momo keys create --name NAME --role ROLE [--workspace NAME] [--expires 90d]",
  rotate: "usage: momo keys rotate ID [--overlap 24h]",
  revoke: "usage: momo keys revoke ID",
} as const;

const positionals = [
  {
    name: "action",
    value_name: "ACTION",
    kind: "word",
    choices: ["list", "create", "rotate", "revoke"],
    help: "what to do; default list",
  },
  { name: "id", value_name: "ID", kind: "word", help: "rotate, revoke: the key, by the id that list shows" },
] as const;

const options = {
  name: {
    type: "string",
    value_name: "NAME",
    help: "create: who uses it, as the history will say of what is written with it",
  },
  role: { type: "string", value_name: "ROLE", choices: roles, help: "create: what it may do" },
  workspace: {
    type: "strings",
    value_name: "NAME",
    help: "create: only in this workspace; default in all that are served",
  },
  expires: {
    type: "string",
    value_name: "TIME",
    help: "create: how long it is good, as 12h or 90d; default for ever",
  },
  overlap: {
    type: "string",
    value_name: "TIME",
    default: "24h",
    help: "rotate: how long the secret before stays good; 0 for not at all",
  },
  path: pathOption,
  home: homeOption,
} as const;

type KeysInput = Input<typeof positionals, typeof options>;

function missing(argument: string, usage: string): never {
  throw new MomoError("ARGUMENT_MISSING", { argument, usage });
}

function checkWords({ action = "list", id }: KeysInput): void {
  const takesId = action === "rotate" || action === "revoke";
  if (takesId && id === undefined) missing("ID", usages[action]);
  if (!takesId && id !== undefined)
    throw new MomoError("ARGUMENT_UNEXPECTED", { argument: id, usage: usages[action] });
}

function create(keys: Keys, { name, role, workspace, expires }: KeysInput): MadeKey {
  if (name === undefined) return missing("--name", usages.create);
  if (role === undefined) return missing("--role", usages.create);
  const workspaces = workspace.length > 0 ? workspace : ["*"];
  const seconds = expires === undefined ? undefined : readSeconds({ name: "--expires", text: expires });
  return keys.create({
    name,
    grants: Object.fromEntries(workspaces.map((one) => [one, role])),
    expires_at: seconds === undefined ? undefined : Date.now() + seconds * 1000,
  });
}

function change(keys: Keys, input: KeysInput): KeysAnswer {
  const { action, id = "", overlap } = input;
  if (action === "create") return create(keys, input);
  if (action === "revoke") return { revoked: keys.revoke(id) };
  return keys.rotate(id, { overlap_seconds: readSeconds({ name: "--overlap", text: overlap }) });
}

/** Keeps the audit log of changes: a change that it cannot take does not happen. */
function recorder(context: CommandContext, home: string, { role, workspace, expires, overlap }: KeysInput) {
  const said = { create: { role, workspace, expires }, rotate: { overlap }, revoke: {} };
  return ({ action, id, name }: KeyChange, outcome: "ok" | "failed"): void => {
    const log = openAuditLog(home, { key: auditKey(context.env) });
    try {
      log.append({
        ...localCaller(context),
        action: `keys ${action}`,
        resource: `key:${id}`,
        outcome,
        details: { name, ...said[action] },
      });
    } finally {
      log.close();
    }
  };
}

/** Written down before it is done; and once more, should the disk refuse it after all. */
function changeOnRecord(context: CommandContext, home: string, input: KeysInput): KeysAnswer {
  const record = recorder(context, home, input);
  let begun: KeyChange | undefined;
  const before_change = (asked: KeyChange): void => {
    record(asked, "ok");
    begun = asked;
  };
  try {
    return change(openKeys(home, { before_change }), input);
  } catch (error) {
    if (begun) record(begun, "failed");
    throw error;
  }
}

async function run(context: CommandContext, input: KeysInput): Promise<KeysAnswer> {
  checkWords(input);
  const home = await homeOf(context, input);
  const isList = (input.action ?? "list") === "list";
  return isList ? { keys: openKeys(home).list() } : changeOnRecord(context, home, input);
}

export const keys = defineCommand({
  summary: "make, list, rotate and revoke the keys by which a server knows who calls",
  details:
    "A key is shown once, when it is made or rotated; Momo keeps only its hash. Roles: reader searches and reads, " +
    "writer also writes and takes back its own, admin may do everything. Running servers see a change at once.",
  examples: [
    { command: "momo keys create --name ci --role writer --expires 90d", help: "a key for a quarter" },
    { command: "momo keys create --name bob --role reader --workspace shop", help: "one that only reads" },
    { command: "momo keys list", help: "who has one, until when, and when it was last used" },
  ],
  positionals,
  options,
  effect: "admin",
  only: "cli",
  run,
});
