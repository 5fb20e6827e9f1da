/** `momo audit`: checks the journal and the audit log, shows them, and drops or erases what must not be kept. */
import { auditKey } from "../config/config.ts";
import { MomoError } from "../errors.ts";
import type { CompactReceipt, CompactRequest, EraseReceipt } from "../model/rollback.ts";
import type { Momo } from "../momo.ts";
import { hasAuditLog, openAuditLog } from "../security/audit-log.ts";
import type { AuditEntry } from "../security/audit-record.ts";
import { type AuditVerdict, noLog } from "../security/audit-verify.ts";
import type { Conversion } from "../store/sqlite/encrypt.ts";
import {
  type CommandContext,
  defineCommand,
  homeOption,
  type Input,
  pathOption,
  waitOption,
} from "./command.ts";
import type { ConversionQuestion } from "./encryption.ts";
import { homeOf, openPlace } from "./place.ts";
import { readTime } from "./time.ts";
import { authorOf, type WrittenBy, writerOptions } from "./who.ts";

export interface VerifyAnswer {
  ok: boolean;
  /** Of the journal. */
  fault?: string;
  /** Of the audit log, where there is one. */
  log?: AuditVerdict;
}

/** Of the audit log, newest first. */
export interface LogAnswer {
  records: AuditEntry[];
}

/** What erasing would remove: shown before somebody is asked. */
export interface EraseQuestion {
  erase: { id: string; versions: number }[];
}

/** A line of the export is JSON already. */
export type AuditAnswer =
  | VerifyAnswer
  | LogAnswer
  | CompactReceipt
  | EraseReceipt
  | EraseQuestion
  | Conversion
  | ConversionQuestion
  | { declined: true }
  | string;

const usages = {
  verify: "usage: momo audit verify [--anchor SEQ:HASH]",
  log: "usage: momo audit log [--since TIME] [--principal NAME] [--limit N]",
  export: "usage: momo audit export",
  compact: "usage: momo audit compact --keep-days N | --seq N | --checkpoint NAME",
  erase: "usage: momo audit erase ID...",
  encrypt: "usage: momo audit encrypt",
  decrypt: "usage: momo audit decrypt",
} as const;

const positionals = [
  {
    name: "action",
    value_name: "ACTION",
    kind: "word",
    choices: ["verify", "log", "export", "compact", "erase", "encrypt", "decrypt"],
    help: "what to do; default verify",
  },
  { name: "ids", value_name: "ID", kind: "word", many: true, help: "erase: the entries or files" },
] as const;

const options = {
  anchor: {
    type: "string",
    value_name: "SEQ:HASH",
    help: "verify: the audit log must lead through this place, kept from an earlier verify",
  },
  since: { type: "string", value_name: "TIME", help: "log: only from this date, time or age on" },
  principal: {
    type: "string",
    value_name: "NAME",
    help: "log: only of this caller, as key:ID, token:SUBJECT or local:USER",
  },
  limit: {
    type: "integer",
    short: "n",
    value_name: "N",
    default: 20,
    min: 1,
    max: 10_000,
    help: "log: at most so many",
  },
  keep_days: {
    type: "integer",
    value_name: "N",
    min: 0,
    help: "compact: drop what is older than so many days",
  },
  seq: { type: "integer", value_name: "N", min: 0, help: "compact: drop what lies up to this operation" },
  checkpoint: { type: "string", value_name: "NAME", help: "compact: drop what lies before this checkpoint" },
  yes: { type: "boolean", short: "y", help: "erase, encrypt, decrypt: do not ask" },
  ...writerOptions,
  path: pathOption,
  home: homeOption,
  wait: waitOption,
} as const;

type AuditInput = Input<typeof positionals, typeof options>;

function checkWords({ action = "verify", ids }: AuditInput): void {
  const usage = usages[action];
  if (action === "erase" && ids.length === 0)
    throw new MomoError("ARGUMENT_MISSING", { argument: "ID", usage });
  if (action !== "erase" && ids.length > 0)
    throw new MomoError("ARGUMENT_UNEXPECTED", { argument: ids[0]!, usage });
}

function compactRequest({ keep_days, seq, checkpoint }: AuditInput): CompactRequest {
  const asked: CompactRequest[] = [
    ...(keep_days === undefined ? [] : [{ keep_days }]),
    ...(seq === undefined ? [] : [{ seq }]),
    ...(checkpoint === undefined ? [] : [{ checkpoint }]),
  ];
  const usage = usages.compact;
  if (asked.length === 0) throw new MomoError("ARGUMENT_MISSING", { argument: "--keep-days", usage });
  if (asked.length > 1) throw new MomoError("ARGUMENT_UNEXPECTED", { argument: "--seq", usage });
  return asked[0]!;
}

interface Asked {
  context: CommandContext;
  momo: Momo;
  input: AuditInput;
  by: WrittenBy;
}

/** What the audit log says of itself; an anchor means that there must be one. */
function verifyLog(
  { env }: CommandContext,
  home: string,
  anchor: string | undefined,
): AuditVerdict | undefined {
  if (!hasAuditLog(home)) return anchor === undefined ? undefined : noLog();
  const log = openAuditLog(home, { key: auditKey(env), mode: "read" });
  try {
    return log.verify({ anchor });
  } finally {
    log.close();
  }
}

async function verify({ context, momo, input }: Asked): Promise<VerifyAnswer> {
  const log = verifyLog(context, momo.home, input.anchor);
  const fault = await momo.verify();
  return {
    ok: fault === undefined && (log?.ok ?? true),
    ...(fault !== undefined && { fault }),
    ...(log && { log }),
  };
}

function listLog({ env }: CommandContext, home: string, { since, principal, limit }: AuditInput): LogAnswer {
  const from = since === undefined ? undefined : readTime({ name: "--since", text: since });
  if (!hasAuditLog(home)) return { records: [] };
  const log = openAuditLog(home, { key: auditKey(env), mode: "read" });
  try {
    return { records: log.list({ since: from, principal, limit }) };
  } finally {
    log.close();
  }
}

async function eraseQuestion(momo: Momo, ids: readonly string[]): Promise<EraseQuestion> {
  const erase = [];
  for (const id of ids) erase.push({ id, versions: (await momo.versions(id)).length });
  return { erase };
}

/** What is erased does not come back, so somebody must mean it. */
async function erase({ context, momo, input, by }: Asked): Promise<AuditAnswer> {
  if (!input.yes) {
    await context.show?.(await eraseQuestion(momo, input.ids));
    if (!context.confirm) throw new MomoError("ERASE_UNCONFIRMED");
    if (!(await context.confirm("Erase this for good?"))) return { declined: true };
  }
  return momo.erase(input.ids, by);
}

async function* exportLines(momo: Momo): AsyncGenerator<string> {
  try {
    yield* await momo.exportJournal();
  } finally {
    await momo.close();
  }
}

function answer(asked: Asked): Promise<AuditAnswer> {
  const { momo, input, by } = asked;
  if (input.action === "compact") return momo.compact(compactRequest(input), by);
  return input.action === "erase" ? erase(asked) : verify(asked);
}

async function run(
  context: CommandContext,
  input: AuditInput,
): Promise<AuditAnswer | AsyncIterable<AuditAnswer>> {
  checkWords(input);
  if (input.action === "compact") compactRequest(input);
  if (input.action === "log") return listLog(context, await homeOf(context, input), input);
  if (input.action === "encrypt" || input.action === "decrypt") {
    const { convertHome } = await import("./encryption.ts");
    return convertHome(context, input, input.action === "encrypt" ? "encrypted" : "plain");
  }
  const { momo } = await openPlace(context, { ...input, indexed: true });
  if (input.action === "export") return exportLines(momo);
  try {
    const by = authorOf(context, input);
    return await answer({ context, momo, input, by });
  } finally {
    await momo.close();
  }
}

export const audit = defineCommand({
  summary: "check the journal and the audit log, show them, and drop or erase what must not be kept",
  details:
    "verify recomputes the hash chain, the state and its digest, and the chain of the audit log: who did or tried what " +
    "through a server, and every change of keys. log lists that. export prints each transaction with its operations as " +
    "one line of JSON, oldest first. compact drops old operations and versions as far as checkpoints and explorations " +
    "allow; who did what and when stays. erase removes entries or files with the content of all their versions. " +
    "encrypt and decrypt write the file anew, under the key in MOMO_ENCRYPTION_KEY: docs/encryption.md.",
  examples: [
    { command: "momo audit verify", help: "is everything as the journal says?" },
    { command: "momo audit log --since 7d", help: "who changed what in the last week, and who was refused" },
    { command: "momo audit export > journal.jsonl", help: "all of it, for a program or an archive" },
    { command: "momo audit compact --keep-days 90", help: "forget details older than a quarter" },
  ],
  positionals,
  options,
  effect: "admin",
  run,
  failed: (result) => typeof result === "object" && ("declined" in result || ("ok" in result && !result.ok)),
});
