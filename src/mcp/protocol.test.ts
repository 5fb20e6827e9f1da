/** The small parts between the protocol and the service: lines, names, progress, addresses, freshness. */
import { setTimeout as delay } from "node:timers/promises";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { MomoError } from "../errors.ts";
import type { IngestProgress } from "../model/api.ts";
import type { Caller } from "../service/service.ts";
import { callerFor, clientName } from "./attribution.ts";
import { createFreshness } from "./freshness.ts";
import { lineSplitter } from "./line-transport.ts";
import { progressSender } from "./progress.ts";
import { promptDefinitions, promptText } from "./prompts.ts";
import { addressOf, readAddress } from "./resources.ts";

test("lines come out as they went in, however the bytes were cut", () => {
  const text = fc.string({ unit: "grapheme" }).map((line) => line.replaceAll("\n", ""));
  fc.assert(
    fc.property(fc.array(text), fc.array(fc.nat(7), { minLength: 1 }), (lines, cuts) => {
      const found: (string | undefined)[] = [];
      const split = lineSplitter(10_000, (line) => found.push(line));
      const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(""));
      for (let at = 0, i = 0; at < bytes.length; i++) {
        const size = cuts[i % cuts.length]! + 1;
        split(bytes.subarray(at, at + size));
        at += size;
      }
      expect(found).toEqual(lines.filter((line) => line.trim() !== ""));
    }),
  );
});

test("a line that is too long is one refusal, and keeps nothing", () => {
  const found: (string | undefined)[] = [];
  const split = lineSplitter(10, (line) => found.push(line));
  for (const part of [
    "short\n0123456789",
    "0123456789".repeat(50),
    "\nnext\n",
    "0123456789\n0123456789x\nend\n",
  ])
    split(Buffer.from(part));
  expect(found).toEqual(["short", undefined, "next", "0123456789", undefined, "end"]);
});

test("a client's name fits one line of the history, whatever it calls itself", () => {
  expect(clientName({ name: "claude-code" })).toBe("claude-code");
  expect(clientName({ name: "  a\nb\u0000\u202ec  d " })).toBe("a b c d");
  for (const nameless of [undefined, null, {}, { name: 5 }, { name: "" }, { name: "\n\u200b" }])
    expect(clientName(nameless)).toBeUndefined();
  expect(clientName({ name: "indexer" })).toBe("indexer (client)");
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 300 }), (name) => {
      const cleaned = clientName({ name });
      if (cleaned === undefined) return;
      expect(cleaned.length).toBeLessThanOrEqual(100);
      expect(cleaned).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
      expect(cleaned.trim()).toBe(cleaned);
      expect(cleaned.isWellFormed()).toBe(true);
    }),
  );
});

test("a key keeps its name, and tells its clients apart below it", () => {
  const key: Caller = { agent: "ci", principal: "key:7", grants: { "*": "writer" } };
  expect(callerFor(key, "cursor").agent).toBe("ci/cursor");
  expect(callerFor(key, undefined)).toEqual(key);
  const local: Caller = { ...key, principal: "local:ann" };
  expect(callerFor(local, "cursor").agent).toBe("cursor");
  expect(callerFor(local, undefined).agent).toBe("mcp");
});

test("progress only grows, and is told only to who asked", async () => {
  expect(progressSender(undefined, () => undefined)).toBeUndefined();
  const sent: number[] = [];
  const send = progressSender(0, ({ progress }) => sent.push(progress))!;
  const at = (phase: IngestProgress["phase"], done: number, total: number): IngestProgress => ({
    phase,
    done,
    total,
    bytes: 0,
  });
  for (const one of [
    at("listing", 0, 0),
    at("reading", 5, 10),
    at("reading", 2, 10),
    at("reading", 20, 10),
    at("writing", 1, 2),
    at("writing", 1, 2),
  ]) {
    send(one);
    await delay(110);
  }
  send(at("embedding", 0, 0));
  send(at("embedding", 1, 2));
  expect(sent).toEqual([0, 0.375, 0.5, 0.625, 0.75]);
});

test("an address leads back to what it is of", () => {
  const id = fc.string({ minLength: 1, unit: "grapheme" }).filter((text) => text.isWellFormed());
  fc.assert(
    fc.property(fc.constantFrom("file", "entity", "document"), id, (kind, text) => {
      expect(readAddress(addressOf(kind, text))).toEqual({ kind, id: text });
    }),
  );
  expect(readAddress("momo://file/src/a%20b.ts")).toEqual({ kind: "file", id: "src/a b.ts" });
  expect(readAddress("momo://entity/src/a.ts#A.b")).toEqual({ kind: "entity", id: "src/a.ts#A.b" });
  expect(readAddress("momo://file/100%")).toEqual({ kind: "file", id: "100%" });
  for (const other of [
    "",
    "momo://",
    "momo://file/",
    "momo://key/x",
    "file:///etc/passwd",
    "x momo://file/a",
  ])
    expect(readAddress(other)).toBeUndefined();
});

test("prompts say which tools to use, and refuse what they do not know", () => {
  for (const { name, arguments: given } of promptDefinitions()) {
    const values = Object.fromEntries(given.map((argument) => [argument.name, `the ${argument.name}`]));
    const text = promptText(name, values)!;
    for (const value of Object.values(values)) expect(text).toContain(value);
    expect(text).toMatch(/\b(search|entity|document|history|rollback_plan)\b/);
    const required = given.filter((argument) => argument.required);
    if (required.length > 0) expect(() => promptText(name, {})).toThrow(MomoError);
    expect(() => promptText(name, { ...values, other: "x" })).toThrow(MomoError);
    expect(() => promptText(name, { ...values, [given[0]!.name]: "x".repeat(5000) })).toThrow(MomoError);
  }
  expect(promptText("toString", {})).toBeUndefined();
});

/** Freshness whose looks end when the test says. */
function watched() {
  const looks: {
    end: (error?: Error) => void;
    signal: AbortSignal;
    progress: (one: IngestProgress) => void;
  }[] = [];
  let now = 0;
  const freshness = createFreshness({
    first_ms: 1_000_000,
    pause_ms: 1,
    old_ms: 30_000,
    now: () => now,
    ingest: ({ signal, on_progress }) =>
      new Promise<void>((resolve, reject) => {
        const end = (error?: Error): void => (error ? reject(error) : resolve());
        signal.addEventListener("abort", () => reject(new MomoError("CANCELLED")));
        looks.push({ end, signal, progress: on_progress });
      }),
  });
  onTestFinished(() => freshness.close());
  return { looks, freshness, pass: (ms: number) => (now += ms) };
}

test("one look at a time, which everybody who waits shares", async () => {
  const { looks, freshness } = watched();
  const heard: number[] = [];
  const both = [freshness.now(({ done }) => heard.push(done)), freshness.now()];
  expect(looks.length).toBe(1);
  expect(freshness.note()).toContain("being brought up to date");
  looks[0]!.progress({ phase: "reading", done: 3, total: 4, bytes: 0 });
  looks[0]!.end();
  await Promise.all(both);
  expect(heard).toEqual([3]);
  expect(freshness.note()).toBeUndefined();
});

test("an answer asks for a look when it met changes or the last one is old, and not otherwise", async () => {
  const { looks, freshness, pass } = watched();
  const first = freshness.now();
  looks[0]!.end();
  await first;
  freshness.after({ stale: false });
  await delay(30);
  expect(looks.length).toBe(1);
  freshness.after({ stale: true });
  freshness.after({ stale: true });
  await expect.poll(() => looks.length).toBe(2);
  looks[1]!.end();
  await expect.poll(() => freshness.note()).toBeUndefined();
  pass(30_001);
  freshness.after({ stale: false });
  await expect.poll(() => looks.length).toBe(3);
});

test("a look that failed is told by the answers until one succeeds", async () => {
  const { looks, freshness } = watched();
  const failing = freshness.now();
  looks[0]!.end(new MomoError("STORE_BUSY", { seconds: 5 }));
  await expect(failing).rejects.toMatchObject({ code: "STORE_BUSY" });
  expect(freshness.note()).toContain("could not be brought up to date: another process is writing");
  const second = freshness.now();
  looks[1]!.end();
  await second;
  expect(freshness.note()).toBeUndefined();
});

test("closing ends the look that is under way, and begins no other", async () => {
  const { looks, freshness } = watched();
  const waiting = freshness.now().catch((error: unknown) => error);
  await freshness.close();
  expect(looks[0]!.signal.aborted).toBe(true);
  expect(await waiting).toMatchObject({ code: "CANCELLED" });
  freshness.after({ stale: true });
  await delay(30);
  expect(looks.length).toBe(1);
});
