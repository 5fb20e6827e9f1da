/** Routes that take back, bring again and try out. Part of the table in routes.ts. */
import { MomoError } from "../errors.ts";
import { DetailedError } from "./problem.ts";
import { numberAsWord } from "./reshape.ts";
import { author, type Route, same, type Values } from "./route.ts";

const takingBack = same("as", "as_session", "intent", "exploration");

const selector = {
  transactions: "tx",
  operations: "operation",
  keys: "key",
  prefix: "path",
  ...same("agent", "session", "request_id", "since", "until", "after", "steps", "policy"),
};

const planHash = {
  type: "string",
  description:
    "of the plan that was shown; the fields that it was made with may be left out while the server remembers it",
} as const;

const blocked = (plan: Values): Error => {
  const conflicts = plan.conflicts as { id: string }[] | undefined;
  const hint = "see plan.remedies, or make a plan under another policy";
  const values = { count: conflicts?.length ?? 0, id: conflicts?.[0]?.id ?? "", hint };
  return new DetailedError(new MomoError("ROLLBACK_BLOCKED", values), { plan });
};

/** A plan that is shown, and that plan carried out. */
const planned = (command: string, body: Route["body"], of: Pick<Route, "schemas" | "read">): Route[] => [
  {
    method: "POST",
    path: `/${command}/plan`,
    command,
    summary: `show what a ${command} would change, and change nothing`,
    fixed: { dry_run: true },
    body: { ...body, ...takingBack },
    ...of,
    answer: "Plan",
  },
  {
    method: "POST",
    path: `/${command}/apply`,
    command,
    summary: `carry out a plan of a ${command}, exactly as it was shown`,
    body: { plan_hash: "plan", ...body, ...takingBack, ...same("as_request_id") },
    required: ["plan_hash"],
    ...of,
    schemas: { ...of.schemas, plan_hash: planHash },
    refuse: blocked,
    answer: "TakenBack",
  },
];

const takeBack: Route[] = [
  ...planned("rollback", selector, {}),
  ...planned("redo", same("transaction", "policy"), {
    schemas: {
      transaction: { type: ["integer", "string"], description: "number of what is to be reversed" },
    },
    read: numberAsWord,
  }),
  ...planned(
    "rewind",
    { checkpoint: "target", ...same("seq", "time", "inside_transaction", "others", "irreversible") },
    {},
  ),
];

const marks: Route[] = [
  {
    method: "GET",
    path: "/checkpoints",
    command: "checkpoint",
    summary: "names of earlier states",
    query: same("exploration"),
    answer: "Checkpoints",
  },
  {
    method: "POST",
    path: "/checkpoints",
    command: "checkpoint",
    summary: "give the present state a name",
    body: { ...same("name", "exploration"), ...author },
    required: ["name"],
    status: 201,
    answer: "Checkpoint",
  },
  {
    method: "DELETE",
    path: "/checkpoints/{name}",
    command: "checkpoint",
    summary: "forget the name of a state",
    fixed: { remove: true },
    params: same("name"),
    query: { ...same("exploration"), ...author },
    answer: "Removed",
  },
  {
    method: "GET",
    path: "/quarantine",
    command: "quarantine",
    summary: "what a rollback set aside",
    fixed: { action: "list" },
    query: same("exploration"),
    answer: "Quarantined",
  },
  {
    method: "POST",
    path: "/quarantine/release",
    command: "quarantine",
    summary: "let back into search what was set aside",
    fixed: { action: "release" },
    body: { ...same("ids", "exploration"), ...author },
    required: ["ids"],
    answer: "Released",
  },
];

const explorations: Route[] = [
  {
    method: "GET",
    path: "/explorations",
    command: "explore",
    summary: "explorations that are open",
    fixed: { action: "list" },
    answer: "Explorations",
  },
  {
    method: "POST",
    path: "/explorations",
    command: "explore",
    summary: "begin to try something out where nobody else sees it",
    fixed: { action: "start" },
    body: { ...same("name", "ttl", "pin", "max_operations", "max_bytes", "parent"), ...author },
    status: 201,
    answer: "Exploration",
  },
  {
    method: "GET",
    path: "/explorations/{name}/compare",
    command: "explore",
    summary: "what an exploration changed, and what a search finds on either side",
    fixed: { action: "compare" },
    params: same("name"),
    query: same("query"),
    answer: "Comparison",
  },
  {
    method: "POST",
    path: "/explorations/{name}/merge",
    command: "explore",
    summary: "make an exploration one transaction of the knowledge base",
    fixed: { action: "merge" },
    params: same("name"),
    body: { ...same("prefer"), ...author },
    answer: "Merged",
  },
  {
    method: "DELETE",
    path: "/explorations/{name}",
    command: "explore",
    summary: "discard an exploration",
    fixed: { action: "discard" },
    params: same("name"),
    query: author,
    answer: "Discarded",
  },
];

export const historyRoutes: readonly Route[] = [...takeBack, ...marks, ...explorations];
