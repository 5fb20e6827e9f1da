/** A plan in the form that people and agents see, with names in place of numbers and a readable difference. */

import type {
  PlanConflict,
  PlanDependent,
  PlannedChange,
  PlanOutside,
  RollbackPlan,
  StoreCounts,
} from "../model/rollback.ts";
import type { Authorship, JournalTransaction } from "../store/contract/journal.ts";
import { kindOf } from "../store/contract/kinds.ts";
import type { VersionKind } from "../store/contract/knowledge.ts";
import type { StoreReader } from "../store/contract/reader.ts";
import type { SeqRange } from "../store/contract/transaction.ts";
import { contentHash, leaf, StateDigest } from "../store/records/digest.ts";
import { encodeMark, markKey } from "../store/records/marks.ts";
import { authorAt } from "./authors.ts";
import { differenceText } from "./difference.ts";
import type { Obstacle } from "./obstacles.ts";
import type { Plan } from "./plan.ts";
import { transactionsIn } from "./write-set.ts";

/** `others` are agents who have to be asked. */
export function describe(store: StoreReader, plan: Plan, others: string[] = []): RollbackPlan {
  return store.snapshot(() => {
    const { request, base_seq, dead, live } = plan;
    const changes = changesOf(store, plan);
    const size = [...dead, ...live].reduce((sum, [first, last]) => sum + last - first + 1, 0);
    return {
      plan_hash: plan.hash,
      action: request.action,
      policy: request.policy,
      base_seq,
      ...(request.of !== undefined && { of: request.of }),
      ...(request.to_seq !== undefined && { to_seq: request.to_seq }),
      transactions: request.sources.map(({ transaction }) => transaction),
      cascade: plan.cascade,
      restores: plan.restores,
      operations: size,
      agents: agentsIn(store, [...plan.dead, ...plan.live]),
      others,
      outside: outsideIn(store, plan),
      changes,
      stores: countStores(changes),
      conflicts: plan.obstacles.map((obstacle) => conflictOf(store, obstacle)),
      dependents: plan.dependents.map(({ strength, transaction, on }): PlanDependent => {
        return { strength, id: store.journal.nameOf(on), ...whoOf(transaction) };
      }),
      residue: plan.residueKids.map((kid) => store.journal.nameOf(kid)),
      quarantined: plan.marks.map(({ id }) => id),
      blocked: plan.blocked,
      digest_after: plan.blocked ? store.digest() : digestAfter(store, plan),
      diff: differenceText(store, changes, new Map(plan.merged.map(({ key, content }) => [key, content]))),
    };
  });
}

function changesOf(store: StoreReader, { moves, merged, marks }: Plan): PlannedChange[] {
  const changes: PlannedChange[] = [];
  const isMerged = new Set(merged.map(({ kid }) => kid));
  moves.kid.forEach((kid, i) => {
    if (isMerged.has(kid)) return;
    const [from, to] = [moves.from[i]!, moves.to[i]!];
    const change = from === to ? "unchanged" : to === 0 ? "removed" : from === 0 ? "restored" : "reverted";
    changes.push({ id: store.journal.nameOf(kid), kind: kindOf(moves.kind[i]!), change, from, to });
  });
  for (const { key } of merged) {
    changes.push({
      id: key,
      kind: "entry",
      change: "merged",
      from: store.head(key, "entry")?.vid ?? 0,
      to: 0,
    });
  }
  for (const { id, version } of marks) {
    changes.push({ id, kind: "mark", change: "quarantined", from: version, to: version });
  }
  return changes;
}

const storeOf: Readonly<Record<VersionKind, "documents" | "graph" | "metadata">> = {
  file: "documents",
  entry: "documents",
  relation: "graph",
  setting: "metadata",
  mark: "metadata",
  alias: "metadata",
};

/** Words follow documents: each document that comes, changes or goes does so with its postings. */
function countStores(changes: readonly PlannedChange[]): RollbackPlan["stores"] {
  const none = (): StoreCounts => ({ created: 0, updated: 0, removed: 0 });
  const stores = { documents: none(), graph: none(), words: none(), metadata: none() };
  for (const { kind, change } of changes) {
    const count = stores[storeOf[kind]];
    if (change === "removed") count.removed++;
    else if (change === "restored" || change === "quarantined") count.created++;
    else if (change !== "unchanged") count.updated++;
  }
  stores.words = { ...stores.documents };
  return stores;
}

/** Transactions it takes back, wholly or in part, that said they did something outside too. */
export function outsideIn(store: StoreReader, { dead }: Plan): PlanOutside[] {
  const found = new Map<number, PlanOutside>();
  for (const transaction of transactionsIn(store.journal, dead)) {
    const { irreversible } = transaction.detail;
    if (irreversible === undefined) continue;
    found.set(transaction.transaction, { ...whoOf(transaction), detail: irreversible });
  }
  return [...found.values()];
}

/** How many of these writes each agent made. */
export function agentsIn({ journal }: StoreReader, ranges: readonly SeqRange[]): Record<string, number> {
  const agents: Record<string, number> = {};
  let known: Authorship[] = [];
  for (const [first, last] of ranges) {
    for (let seq = first; seq <= last; ) {
      let author = authorAt(known, seq);
      if (!author) {
        known = journal.authors(journal.at(seq));
        author = authorAt(known, seq)!;
      }
      const end = Math.min(last, author.last);
      agents[author.agent] = (agents[author.agent] ?? 0) + end - seq + 1;
      seq = end + 1;
    }
  }
  return agents;
}

const whoOf = ({ transaction, agent, at }: JournalTransaction) => ({
  transaction,
  agent,
  at: new Date(at).toISOString(),
});

function conflictOf(store: StoreReader, { reason, kid, by, source, ...more }: Obstacle): PlanConflict {
  const detail = source ? store.journal.nameOf(source.on) : more.detail;
  return {
    reason,
    id: store.journal.nameOf(kid),
    ...(by && whoOf(by)),
    ...(by?.intent !== undefined && { intent: by.intent }),
    ...(detail !== undefined && { detail }),
  };
}

/** The digest that carrying the plan out leads to. */
function digestAfter(store: StoreReader, { moves, merged, marks }: Plan): string {
  const sum = new StateDigest(Buffer.from(store.digest(), "hex"));
  moves.kid.forEach((_, i) => {
    const [from, to] = [moves.from[i]!, moves.to[i]!];
    if (from) sum.subtract(store.journal.leaf(from)!);
    if (to) sum.add(store.journal.leaf(to)!);
  });
  const moved = new Map(Array.from(moves.kid, (kid, i) => [kid, moves.to[i]!]));
  const replace = ({ key, kind }: { key: string; kind: VersionKind }, own: Uint8Array): void => {
    const vid = moved.get(store.journal.kidOf(key, kind)?.kid ?? 0) ?? store.head(key, kind)?.vid;
    if (vid) sum.subtract(store.journal.leaf(vid)!);
    sum.add(own);
  };
  for (const { key, content } of merged)
    replace({ key, kind: "entry" }, leaf(key, contentHash(content.body, content.text)));
  for (const { id, version, reason } of marks) {
    replace(
      { key: markKey(id), kind: "mark" },
      leaf(markKey(id), contentHash(encodeMark({ version, reason }))),
    );
  }
  return hex(sum);
}

const hex = (sum: StateDigest): string => Buffer.from(sum.bytes()).toString("hex");
