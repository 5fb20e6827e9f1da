/** Answers given again: only of the same state, request and place; bounded in number, size and time. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { createEntryReader } from "../extract/entry-words.ts";
import type { SearchRequest } from "../model/api.ts";
import type { Store } from "../store/contract/store.ts";
import type { Moves } from "../store/contract/write.ts";
import { keepWords } from "../store/lexical/pending.ts";
import { openStore } from "../store/open.ts";
import { entryVersion } from "../store/records/entry.ts";
import { type Answers, type AnswersOptions, createAnswers } from "./answers.ts";
import { createRetriever, type Retriever } from "./search.ts";

const folder = mkdtempSync(join(tmpdir(), "momo-answers-"));
const opened: Store[] = [];
afterAll(() => {
  for (const one of opened) one.close();
  rmSync(folder, { recursive: true });
});

const addEntry = createEntryReader();

function openAt(file: string): Store {
  const store = openStore(file, { mode: "write", durability: "process" });
  opened.push(store);
  return store;
}

function write(store: Store, id: string, content: string): void {
  const tx = store.begin({ agent: "ann" });
  tx.put(entryVersion({ id, type: "documentation", metadata: {}, content }));
  keepWords(tx, { add: addEntry, count: 1 });
  tx.commit();
}

/** As an undo does: the head goes back to a version that it had. */
function moveBack(store: Store, key: string, to: number): void {
  const { kid } = store.journal.kidOf(key)!;
  const at = store.journal.pointers(Float64Array.of(kid));
  const tx = store.begin({ agent: "ann", kind: "undo" });
  const moves: Moves = {
    kid: Float64Array.of(kid),
    kind: at.kind,
    from: at.vid,
    to: Float64Array.of(to),
    previous: at.seq,
  };
  tx.move(moves);
  tx.commit();
}

interface Subject {
  store: Store;
  retriever: Retriever;
  answers: Answers;
  now: { ms: number };
  ask(request?: Partial<SearchRequest>): ReturnType<Answers["of"]>;
}

function subject(options: Partial<AnswersOptions> = {}): Subject {
  const now = { ms: 0 };
  const store = openAt(join(folder, `${opened.length}`, "momo.db"));
  write(store, "notes/keeper", "The lighthouse keeper waits.\n");
  const retriever = createRetriever(store);
  const answers = createAnswers({ ttl_ms: 1000, now: () => now.ms, ...options });
  const ask = (request: Partial<SearchRequest> = {}) =>
    answers.of(retriever, { query: "lighthouse", ...request });
  return { store, retriever, answers, now, ask };
}

const contents = async (answer: ReturnType<Answers["of"]>): Promise<string[]> =>
  (await answer).results.map(({ content }) => content.trim());

test("the same question is answered once, and what a caller does to its answer stays there", async () => {
  const { answers, ask, retriever } = subject();
  const first = await ask();
  first.results[0]!.content = "spoiled";
  const again = await ask({ query: " lighthouse ", limit: 10, filters: {} });
  expect(answers.counts).toMatchObject({ hits: 1, misses: 1 });
  expect(again).toEqual({
    ...retriever.search({ query: " lighthouse " }),
    took_ms: expect.any(Number),
    cached: true,
  });
});

test.each<[string, Partial<SearchRequest>]>([
  ["another question", { query: "keeper" }],
  ["another limit", { limit: 3 }],
  ["with reasons", { explain: true }],
  ["a filter", { filters: { languages: ["python"] } }],
  ["a filter that lets nothing through", { filters: { languages: [] } }],
  ["a field that the cache does not know", { later: true } as Partial<SearchRequest>],
])("%s is another answer", async (_, request) => {
  const { answers, ask } = subject();
  await ask();
  await ask(request);
  expect(answers.counts).toMatchObject({ hits: 0, misses: 2 });
});

test("packed context is not kept: what it says of files that changed belongs to its budget", async () => {
  const { answers, ask } = subject();
  await ask({ budget: 200 });
  await ask({ budget: 200 });
  expect(answers).toMatchObject({ counts: { hits: 0, shared: 0 }, entries: 0 });
});

test("filters in another order are the same filters", async () => {
  const { answers, ask } = subject();
  await ask({ filters: { languages: ["python", "go"], types: ["class"] } });
  await ask({ filters: { types: ["class"], languages: ["go", "python", "go"] } });
  expect(answers.counts).toMatchObject({ hits: 1, misses: 1 });
});

test("a write makes it search again; going back to the state before brings its answers back", async () => {
  const { store, answers, ask } = subject();
  const before = store.head("notes/keeper")!;
  expect(await contents(ask())).toEqual(["The lighthouse keeper waits."]);
  write(store, "notes/keeper", "The lighthouse is empty.\n");
  expect(await contents(ask())).toEqual(["The lighthouse is empty."]);
  expect(answers.counts).toMatchObject({ hits: 0, misses: 2 });
  moveBack(store, "notes/keeper", before.vid);
  expect(await contents(ask())).toEqual(["The lighthouse keeper waits."]);
  expect(answers.counts).toMatchObject({ hits: 1, misses: 2 });
});

test("what another process wrote is seen", async () => {
  const { store, ask } = subject();
  await ask();
  write(openAt(store.path), "notes/second", "A second lighthouse.\n");
  expect(await contents(ask())).toHaveLength(2);
});

test("what was erased is not shown again, although an exploration's digest is the same", async () => {
  const { store, answers } = subject();
  const tx = store.begin({ agent: "ann", kind: "explore" });
  const branch = tx.fork("idea", {});
  tx.commit();
  const exploration = createRetriever(store.on(branch));
  expect(await contents(answers.of(exploration, { query: "lighthouse" }))).toEqual([
    "The lighthouse keeper waits.",
  ]);
  const digest = store.on(branch).digest();
  const erasing = store.begin({ agent: "ann", kind: "erase" });
  erasing.erase([erasing.reader.journal.kidOf("notes/keeper")!.kid]);
  erasing.commit();
  expect(store.on(branch).digest()).toBe(digest);
  const after = await answers.of(exploration, { query: "lighthouse" });
  expect(JSON.stringify(after)).not.toContain("waits");
});

test("explorations share an answer exactly while their states are equal", async () => {
  const { store, answers } = subject();
  const branches = ["one", "two"].map((name) => {
    const tx = store.begin({ agent: "ann", kind: "explore" });
    const branch = tx.fork(name, {});
    tx.commit();
    return store.on(branch);
  });
  const retrievers = branches.map((branch) => createRetriever(branch));
  for (const retriever of retrievers) await answers.of(retriever, { query: "lighthouse" });
  expect(answers.counts).toMatchObject({ hits: 1, misses: 1 });
  write(branches[0]!, "notes/idea", "Another lighthouse.\n");
  const [one, two] = await Promise.all(
    retrievers.map((retriever) => answers.of(retriever, { query: "lighthouse" })),
  );
  expect([one!.results.length, two!.results.length]).toEqual([2, 1]);
});

test("two homes of equal content share nothing", async () => {
  const [one, two] = [subject(), subject()];
  expect(one.store.digest()).toBe(two.store.digest());
  await one.answers.of(one.retriever, { query: "lighthouse" });
  await one.answers.of(two.retriever, { query: "lighthouse" });
  expect(one.answers.counts).toMatchObject({ hits: 0, misses: 2 });
});

test("one file about two folders: neither sees what is stale in the other", async () => {
  const { store, answers } = subject();
  for (const root of ["/a", "/b"]) await answers.of(createRetriever(store, root), { query: "lighthouse" });
  expect(answers.counts.hits).toBe(0);
});

test("fifty callers at once cost one search and one load of the index", async () => {
  const { answers, retriever } = subject();
  let searches = 0;
  const slow: Retriever = {
    ...retriever,
    search: (request) => {
      searches++;
      return retriever.search(request);
    },
  };
  const all = await Promise.all(Array.from({ length: 50 }, () => answers.of(slow, { query: "lighthouse" })));
  expect(searches).toBe(1);
  expect(answers.counts).toEqual({ hits: 0, misses: 1, shared: 49 });
  expect(new Set(all.map(({ results }) => results[0]))).toHaveProperty("size", 50);
  expect(all.map(({ results }) => results[0]!.path)).toEqual(Array(50).fill("notes/keeper"));
  const index = retriever.index();
  await Promise.all(Array.from({ length: 50 }, (_, i) => answers.of(retriever, { query: `word${i}` })));
  expect(retriever.index()).toBe(index);
});

test("a search that fails fails for all who wait, and is tried again by the next", async () => {
  const { answers, retriever } = subject();
  let failing = true;
  const flaky: Retriever = {
    ...retriever,
    search: (request) => {
      if (failing) throw new Error("disk");
      return retriever.search(request);
    },
  };
  const waiting = [1, 2].map(() => answers.of(flaky, { query: "lighthouse" }));
  expect((await Promise.allSettled(waiting)).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  failing = false;
  expect((await answers.of(flaky, { query: "lighthouse" })).results).toHaveLength(1);
});

test("an answer drawn while somebody wrote is not kept", async () => {
  const { store, answers, retriever } = subject();
  const interrupted: Retriever = {
    ...retriever,
    search: (request) => {
      const response = retriever.search(request);
      write(store, "notes/second", "A second lighthouse.\n");
      return response;
    },
  };
  await answers.of(interrupted, { query: "lighthouse" });
  expect(answers.entries).toBe(0);
});

test("what is not committed is neither seen nor kept", async () => {
  const { store, answers, ask } = subject();
  const tx = store.begin({ agent: "ann" });
  tx.put(entryVersion({ id: "notes/never", type: "documentation", metadata: {}, content: "A lighthouse." }));
  const before = await ask();
  expect([answers.entries, answers.counts.misses]).toEqual([1, 1]);
  tx.abort();
  expect((await ask()).results).toEqual(before.results);
  expect([answers.entries, answers.counts.hits]).toEqual([1, 1]);
});

test("an answer is kept for its time; with none, nothing is", async () => {
  const { answers, ask, now } = subject();
  await ask();
  now.ms = 999;
  await ask();
  expect(answers.counts).toMatchObject({ hits: 1, misses: 1 });
  now.ms = 1000;
  await ask();
  expect(answers.counts).toMatchObject({ hits: 1, misses: 2 });
  const off = subject({ ttl_ms: 0 });
  await off.ask();
  await off.ask();
  expect([off.answers.entries, off.answers.counts.hits]).toEqual([0, 0]);
});

test("the one unused for longest goes first, by number and by size", async () => {
  const { answers, ask } = subject({ max_entries: 2 });
  for (const query of ["lighthouse", "keeper", "lighthouse", "waits"]) await ask({ query });
  expect(answers.entries).toBe(2);
  await ask({ query: "lighthouse" });
  expect(answers.counts).toMatchObject({ hits: 2, misses: 3 });
  await ask({ query: "keeper" });
  expect(answers.counts).toMatchObject({ hits: 2, misses: 4 });

  const small = subject();
  await small.ask();
  const { bytes } = small.answers;
  const bound = subject({ max_bytes: bytes * 2.5 });
  for (const query of ["lighthouse", "keeper", "waits", "the"]) await bound.ask({ query });
  expect(bound.answers.entries).toBe(2);
  expect(bound.answers.bytes).toBeLessThanOrEqual(bytes * 2.5);
  const tiny = subject({ max_bytes: 10 });
  await tiny.ask();
  expect([tiny.answers.entries, tiny.answers.bytes]).toEqual([0, 0]);
});
