/**
 * Writes entries and relations as one attributed transaction: all of it or nothing, once for each request, and only on
 * the versions it expects. Used by momo.ts.
 */
import { MomoError } from "../errors.ts";
import type { AddEntry } from "../model/lexical-document.ts";
import type { EntryTransaction, TransactRequest, WriteReceipt } from "../model/rollback.ts";
import type { Attribution, Store, WriteTransaction } from "../store/contract/store.ts";
import { keepWords } from "../store/lexical/pending.ts";
import { headOf } from "../store/records/names.ts";
import { checkRequest } from "./check.ts";
import { EntryWriter } from "./entry-writer.ts";

export interface WritingPlace {
  /** The knowledge base itself or an exploration, opened for writing. */
  store: Store;
  /** What a new knowledge base is about; one that indexing made knows it already. */
  root?: string | undefined;
  /** Where an entry's words go when they are stored. */
  addEntry: AddEntry;
  clock?: () => Date;
}

/** Raises VERSION_CONFLICT, ENTRY_UNKNOWN, VALUE_INVALID, KEY_KIND and what `work` raises; then nothing was changed. */
export function transact<T>(
  place: WritingPlace,
  request: TransactRequest,
  work: (tx: EntryTransaction) => T,
): WriteReceipt {
  checkRequest(request);
  const { store } = place;
  const tx = store.begin(attributionOf(request));
  if (tx.repeated) return { ...tx.commit(), repeated: true };
  try {
    checkVersions(store, request);
    recordReads(store, tx, request);
    if (request.irreversible !== undefined) tx.describe({ irreversible: request.irreversible });
    carryOut(place, tx, work);
    return tx.commit();
  } catch (error) {
    tx.abort();
    throw error;
  }
}

function attributionOf({ agent, session, principal, request_id, intent }: TransactRequest): Attribution {
  return {
    agent,
    ...(session !== undefined && { session }),
    ...(principal !== undefined && { principal }),
    ...(request_id !== undefined && { request_id }),
    ...(intent !== undefined && { intent }),
  };
}

function checkVersions(store: Store, { expect = {} }: TransactRequest): void {
  for (const [id, expected] of Object.entries(expect)) {
    const current = headOf(store, id)?.vid ?? 0;
    if (current !== expected) throw new MomoError("VERSION_CONFLICT", { id, expected, current });
  }
}

function recordReads(
  store: Store,
  tx: WriteTransaction,
  { reads = [], weak_reads = [] }: TransactRequest,
): void {
  const record = (ids: readonly string[], strength: "declared" | "weak"): void => {
    for (const id of ids) {
      const head = headOf(store, id);
      if (!head) throw new MomoError("ENTRY_UNKNOWN", { id });
      tx.read(head.vid, strength);
    }
  };
  record(reads, "declared");
  record(weak_reads, "weak");
}

function carryOut<T>(place: WritingPlace, tx: WriteTransaction, work: (tx: EntryTransaction) => T): void {
  const { store, root, addEntry, clock = () => new Date() } = place;
  const writer = new EntryWriter({ store, tx, clock });
  const result: unknown = work(writer);
  if (isPromise(result)) {
    // What it does from now on fails, and nobody but us could catch that.
    result.then(undefined, () => undefined);
    throw new MomoError("WORK_ASYNC");
  }
  if (root !== undefined && store.meta("root") === undefined) tx.setMeta("root", root);
  if (writer.written > 0) keepWords(store, tx, { add: addEntry, count: writer.written });
}

const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
