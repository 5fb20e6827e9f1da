/**
 * Writes entries and relations as one attributed transaction: all of it or nothing, once for each request, and only on
 * the versions it expects. Used by momo.ts.
 */

import { MomoError } from "../errors.ts";
import type { AddEntry } from "../model/lexical-document.ts";
import type { EntryTransaction, TransactRequest, WriteReceipt } from "../model/rollback.ts";
import type { StoreReader } from "../store/contract/reader.ts";
import type { Store } from "../store/contract/store.ts";
import type { Attribution } from "../store/contract/transaction.ts";
import type { WriteTransaction } from "../store/contract/write.ts";
import { keepWords } from "../store/lexical/pending.ts";
import { fingerprintOf } from "../store/records/digest.ts";
import { headOf } from "../store/records/names.ts";
import { checkRequest } from "./check.ts";
import { EntryWriter } from "./entry-writer.ts";
import { answers, type NotedCalls, noteCalls } from "./noted-calls.ts";

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
  try {
    if (tx.repeated) return again(tx, { request, work });
    checkVersions(tx.reader, request);
    recordReads(tx, request);
    if (request.irreversible !== undefined) tx.describe({ irreversible: request.irreversible });
    const calls = request.request_id === undefined ? undefined : knownBy(request);
    carryOut(place, tx, { work, calls });
    return tx.commit(calls && { fingerprint: calls.fingerprint() });
  } catch (error) {
    tx.abort();
    throw error;
  }
}

/** What tells it from another request: its calls, or what it says was asked. */
function knownBy({ asked, expect, reads, weak_reads, irreversible }: TransactRequest): NotedCalls {
  const beside = { expect, reads, weak_reads, irreversible };
  if (asked === undefined) return noteCalls(beside);
  return { over: (tx) => tx, fingerprint: () => fingerprintOf({ ...beside, asked }) };
}

/** The first receipt, if the same is asked. Raises REQUEST_REUSED. */
function again<T>(
  tx: WriteTransaction,
  { request, work }: { request: TransactRequest; work: (tx: EntryTransaction) => T },
): WriteReceipt {
  const calls = knownBy(request);
  work(calls.over(answers(tx.reader)));
  return { ...tx.commit({ fingerprint: calls.fingerprint() }), repeated: true };
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

function checkVersions(store: StoreReader, { expect = {} }: TransactRequest): void {
  for (const [id, expected] of Object.entries(expect)) {
    const current = headOf(store, id)?.vid ?? 0;
    if (current !== expected) throw new MomoError("VERSION_CONFLICT", { id, expected, current });
  }
}

function recordReads(tx: WriteTransaction, { reads = [], weak_reads = [] }: TransactRequest): void {
  const record = (ids: readonly string[], strength: "declared" | "weak"): void => {
    for (const id of ids) {
      const head = headOf(tx.reader, id);
      if (!head) throw new MomoError("ENTRY_UNKNOWN", { id });
      tx.read(head.vid, strength);
    }
  };
  record(reads, "declared");
  record(weak_reads, "weak");
}

interface Work<T> {
  work: (tx: EntryTransaction) => T;
  /** Notes what a request does, to know it again. */
  calls: NotedCalls | undefined;
}

function carryOut<T>(place: WritingPlace, tx: WriteTransaction, { work, calls }: Work<T>): void {
  const { root, addEntry, clock = () => new Date() } = place;
  const writer = new EntryWriter({ tx, clock });
  const result: unknown = work(calls ? calls.over(writer) : writer);
  if (isPromise(result)) {
    // What it does from now on fails, and nobody but us could catch that.
    result.then(undefined, () => undefined);
    throw new MomoError("WORK_ASYNC");
  }
  if (root !== undefined && tx.reader.meta("root") === undefined) tx.setMeta("root", root);
  if (writer.written > 0) keepWords(tx, { add: addEntry, count: writer.written });
}

const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
