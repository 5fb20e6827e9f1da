import { createHash, timingSafeEqual } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { keyText, newId, newSecret, readKeyText } from "./key-text.ts";
import { KEYS_FILE, openKeys } from "./keys.ts";
import { temporaryHome } from "./processes.fixture.ts";

// Real functions, whose calls are counted.
vi.mock("node:crypto", { spy: true });

const DAY = 86_400_000;
const fileOf = (home: string): string => join(home, KEYS_FILE);
const writer = { "*": "writer" } as const;

function expectFault(call: () => unknown, code: string, message: RegExp): void {
  expect(call).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
}

describe("a key's life", () => {
  test("it is made, is good, and only its hash is kept", () => {
    const home = temporaryHome();
    const keys = openKeys(home);
    expect(keys.isEmpty()).toBe(true);
    const { key, record } = keys.create({ name: "ci", grants: { shop: "writer", "*": "reader" } });
    expect(key).toMatch(/^momo_[0-9A-Za-z]{12}_[0-9A-Za-z]{27}_[0-9A-Za-z]{6}$/);
    expect(keys.isEmpty()).toBe(false);
    expect(keys.verify(key)).toEqual(record);
    const [, , secret] = key.split("_");
    const stored = readFileSync(fileOf(home), "utf8");
    expect(stored).not.toContain(secret);
    expect(stored).toContain(createHash("sha256").update(secret!).digest("hex"));
    expect(JSON.stringify([keys.list(), record])).not.toMatch(/hash/);
  });

  test("it ends when it should", () => {
    const home = temporaryHome();
    const now = Date.now();
    const keys = openKeys(home);
    const { key } = keys.create({ name: "ci", grants: writer, expires_at: now + DAY });
    expect(keys.verify(key, now + DAY - 1)).toMatchObject({ name: "ci" });
    expect(keys.verify(key, now + DAY)).toBe("expired");
  });

  test("after a rotation both secrets are good for the overlap, and of two rotations the last two", () => {
    let now = Date.now();
    const keys = openKeys(temporaryHome(), { now: () => now });
    const { key: first, record } = keys.create({ name: "ci", grants: writer });
    const { key: second } = keys.rotate(record.id);
    expect(second.split("_")[1]).toBe(record.id);
    const good = (): boolean[] => [first, second].map((key) => typeof keys.verify(key) !== "string");
    expect(good()).toEqual([true, true]);
    now += DAY - 1;
    expect(good()).toEqual([true, true]);
    now += 1;
    expect(good()).toEqual([false, true]);
    const { key: third } = keys.rotate(record.id, { overlap_seconds: 60 });
    keys.rotate(record.id, { overlap_seconds: 60 });
    expect([second, third].map((key) => keys.verify(key))).toEqual([
      "unknown",
      expect.objectContaining({ name: "ci" }),
    ]);
    const { key: last } = keys.rotate(record.id, { overlap_seconds: 0 });
    expect(keys.verify(third)).toBe("unknown");
    expect(keys.verify(last)).toMatchObject({ rotated_at: new Date(now).toISOString() });
  });

  test("revoked, it is bad at once with both secrets, and the server stays closed", () => {
    const home = temporaryHome();
    const keys = openKeys(home);
    const { key: first, record } = keys.create({ name: "ci", grants: writer });
    const { key: second } = keys.rotate(record.id);
    const server = openKeys(home);
    expect([first, second].map((key) => typeof server.verify(key))).toEqual(["object", "object"]);
    expect(keys.revoke(record.id).revoked_at).toBeDefined();
    expect([first, second].map((key) => server.verify(key))).toEqual(["revoked", "revoked"]);
    expect(server.isEmpty()).toBe(false);
    const at = keys.list()[0]?.revoked_at;
    expect(keys.revoke(record.id).revoked_at).toBe(at);
    expectFault(() => keys.rotate(record.id), "VALUE_INVALID", /was revoked.*momo keys create/);
    const nowhere = temporaryHome();
    expectFault(() => openKeys(nowhere).revoke(record.id), "KEY_UNKNOWN", /momo keys list/);
    expect(existsSync(nowhere)).toBe(false);
    expectFault(() => keys.revoke("000000000000"), "KEY_UNKNOWN", /momo keys list/);
    expectFault(() => keys.rotate("__proto__"), "KEY_UNKNOWN", /__proto__/);
  });

  test("what the caller of before_change throws prevents the change", () => {
    const home = temporaryHome();
    const changes: string[] = [];
    const keys = openKeys(home, { before_change: ({ action, name }) => changes.push(`${action} ${name}`) });
    const { key, record } = keys.create({ name: "ci", grants: writer });
    keys.rotate(record.id);
    const before = readFileSync(fileOf(home), "utf8");
    const refusing = openKeys(home, {
      before_change() {
        throw new Error("no");
      },
    });
    expect(() => refusing.create({ name: "bob", grants: writer })).toThrow();
    expect(() => refusing.rotate(record.id)).toThrow();
    expect(() => refusing.revoke(record.id)).toThrow();
    expect(readFileSync(fileOf(home), "utf8")).toBe(before);
    expect(keys.verify(key)).toMatchObject({ name: "ci" });
    keys.revoke(record.id);
    expect(changes).toEqual(["create ci", "rotate ci", "revoke ci"]);
  });

  test("the last use is written at most once a minute, and takes nothing else away", () => {
    const home = temporaryHome();
    let now = Date.now();
    const keys = openKeys(home, { now: () => now });
    const made = ["a", "b"].map((name) => keys.create({ name, grants: writer }));
    const uses = (): (string | undefined)[] =>
      openKeys(home)
        .list()
        .map(({ last_used_at }) => last_used_at);
    keys.verify(made[0]!.key);
    const first = new Date(now).toISOString();
    expect(uses()).toEqual([first, undefined]);
    now += 30_000;
    keys.verify(made[1]!.key);
    expect(uses()).toEqual([first, undefined]);
    openKeys(home).revoke(made[1]!.record.id);
    const revoked = openKeys(home).list()[1]?.revoked_at;
    now += 30_000;
    keys.verify(made[0]!.key);
    expect(uses()).toEqual([new Date(now).toISOString(), new Date(now - 30_000).toISOString()]);
    expect(openKeys(home).list()[1]?.revoked_at).toBe(revoked);
  });

  test("the last use of a key that is not used again is written within the minute", () => {
    vi.useFakeTimers();
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const home = temporaryHome();
    const keys = openKeys(home);
    const [a, b] = ["a", "b"].map((name) => keys.create({ name, grants: writer }).key);
    keys.verify(a!);
    vi.advanceTimersByTime(10_000);
    keys.verify(b!);
    const used = new Date().toISOString();
    const lastUse = (): string | undefined => openKeys(home).list()[1]?.last_used_at;
    vi.advanceTimersByTime(49_000);
    expect(lastUse()).toBeUndefined();
    vi.advanceTimersByTime(1000);
    expect(lastUse()).toBe(used);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("a use that cannot be written down does not fail", () => {
    const home = temporaryHome();
    const keys = openKeys(home);
    const { key } = keys.create({ name: "ci", grants: writer });
    rmSync(join(home, "keys.lock"));
    mkdirSync(join(home, "keys.lock"));
    expect(keys.verify(key)).toMatchObject({ name: "ci" });
    expectFault(() => keys.create({ name: "x", grants: writer }), "KEYS_UNREADABLE", /keys\.json/);
  });
});

describe("what is refused when a key is made", () => {
  test.each([
    ["", /1 to 100/],
    ["x".repeat(101), /1 to 100/],
    [" ci", /1 to 100/],
    ["a\nb", /1 to 100/],
    ["a\u202eb", /1 to 100/],
    ["a\u200bb", /1 to 100/],
    ["half\ud800", /1 to 100/],
    ["indexer", /Momo itself/],
    ["Momo", /Momo itself/],
    ["ci/nightly", /slash/],
  ])("the name %j", (name, message) => {
    const home = temporaryHome();
    expectFault(() => openKeys(home).create({ name, grants: writer }), "VALUE_INVALID", message);
    expect(existsSync(fileOf(home))).toBe(false);
  });

  test("a name that another key has or had, in whatever letters", () => {
    const keys = openKeys(temporaryHome());
    const { record } = keys.create({ name: "Ci", grants: writer });
    keys.revoke(record.id);
    for (const name of ["Ci", "ci", "ＣＩ"])
      expectFault(() => keys.create({ name, grants: writer }), "VALUE_INVALID", /has or had it/);
  });

  test.each([{}, { "*": "root" }, { "": "reader" }, { "a\nb": "reader" }, { "*": "toString" }, [], null])(
    "the grants %j",
    (grants) => {
      const keys = openKeys(temporaryHome());
      expectFault(() => keys.create({ name: "ci", grants: grants as never }), "VALUE_INVALID", /grants/);
    },
  );

  test.each([0, Number.NaN, Number.POSITIVE_INFINITY, 1e17])("the end %d", (expires_at) => {
    const keys = openKeys(temporaryHome());
    expectFault(() => keys.create({ name: "ci", grants: writer, expires_at }), "VALUE_INVALID", /future/);
  });

  test("an overlap that is none", () => {
    const keys = openKeys(temporaryHome());
    const { record } = keys.create({ name: "ci", grants: writer });
    for (const overlap_seconds of [-1, Number.NaN, 1e300])
      expectFault(() => keys.rotate(record.id, { overlap_seconds }), "VALUE_INVALID", /length of time/);
  });
});

describe("forged keys", () => {
  const keys = () => {
    const store = openKeys(temporaryHome());
    return { store, ...store.create({ name: "ci", grants: writer }) };
  };

  test("truncated, extended, in other letters, with another checksum, secret or id", () => {
    const { store, key, record } = keys();
    const other = store.create({ name: "bob", grants: { "*": "admin" } });
    const [, id, secret, crc] = key.split("_") as [string, string, string, string];
    const forged = [
      ...Array.from({ length: key.length }, (_, length) => key.slice(0, length)),
      `${key} `,
      ` ${key}`,
      `${key}\n`,
      `${key}\0`,
      key.toUpperCase(),
      `${key}${key}`,
      `momo_${id}_${secret}_000000`,
      `momo_${id}_${secret}`,
      `momo_${id}__${crc}`,
      keyText(id, newSecret()),
      keyText(newId(), secret),
      keyText(other.record.id, secret),
      keyText(id, other.key.split("_")[2]!),
      keyText("__proto__000", secret),
      "",
    ];
    for (const text of forged) expect(typeof store.verify(text), text).toBe("string");
    expect(store.verify(key)).toMatchObject({ id: record.id });
  });

  test("a change of any one letter", () => {
    const { store, key } = keys();
    fc.assert(
      fc.property(fc.nat(key.length - 1), fc.string({ minLength: 1, maxLength: 1 }), (at, letter) => {
        const text = key.slice(0, at) + letter + key.slice(at + 1);
        return text === key || typeof store.verify(text) === "string";
      }),
    );
  });

  test("the hash that keys.json shows opens nothing", () => {
    const { store, record } = keys();
    const hash = createHash("sha256").update("x").digest("hex").slice(0, 27);
    expect(store.verify(keyText(record.id, hash))).toBe("unknown");
    expect(store.verify(keyText(record.id, "0".repeat(27)))).toBe("unknown");
  });

  test("an id that exists costs the same work as one that does not, and is compared in constant time", () => {
    const { store, key, record } = keys();
    store.verify(key);
    const work = (text: string): number[] => {
      vi.mocked(timingSafeEqual).mockClear();
      vi.mocked(createHash).mockClear();
      store.verify(text);
      return [timingSafeEqual, createHash].map((one) => vi.mocked(one).mock.calls.length);
    };
    expect(work(key)).toEqual([2, 1]);
    expect(work(keyText(record.id, newSecret()))).toEqual([2, 1]);
    expect(work(keyText(newId(), newSecret()))).toEqual([2, 1]);
  });

  test("ids and secrets are of enough letters, all of them equally likely", () => {
    const counts = new Map<string, number>();
    for (const letter of Array.from({ length: 2000 }, newSecret).join(""))
      counts.set(letter, (counts.get(letter) ?? 0) + 1);
    expect(counts.size).toBe(62);
    // 54,000 letters: 871 of each, with a deviation of 29.
    expect(Math.min(...counts.values())).toBeGreaterThan(871 - 6 * 29);
    expect(Math.max(...counts.values())).toBeLessThan(871 + 6 * 29);
    expect(27 * Math.log2(62)).toBeGreaterThan(160);
    expect(readKeyText(keyText(newId(), newSecret()))).toBeDefined();
  });
});

describe("the file", () => {
  const isWindows = process.platform === "win32";

  test.skipIf(isWindows)("is for its owner only, and a home that it begins stays out of git", () => {
    const home = temporaryHome();
    openKeys(home).create({ name: "ci", grants: writer });
    expect(statSync(fileOf(home)).mode & 0o777).toBe(0o600);
    expect(statSync(home).mode & 0o777).toBe(0o700);
    expect(readFileSync(join(home, ".gitignore"), "utf8")).toBe("*\n");
    expect(readdirSync(home).sort()).toEqual([".gitignore", "keys.json", "keys.lock"]);
  });

  test.skipIf(isWindows)("that every user may read, as one that came with a repository, is not used", () => {
    const home = temporaryHome();
    const keys = openKeys(home);
    const { key } = keys.create({ name: "ci", grants: writer });
    for (const mode of [0o644, 0o604, 0o666]) {
      chmodSync(fileOf(home), mode);
      expectFault(() => openKeys(home).verify(key), "KEYS_UNREADABLE", /chmod 600/);
    }
    chmodSync(fileOf(home), 0o660);
    expect(openKeys(home).verify(key)).toMatchObject({ name: "ci" });
  });

  test("that went away or was emptied lets nobody in", () => {
    const home = temporaryHome();
    const keys = openKeys(home);
    const { key } = keys.create({ name: "ci", grants: writer });
    const content = readFileSync(fileOf(home));
    expect(keys.verify(key)).toMatchObject({ name: "ci" });
    rmSync(fileOf(home));
    for (const call of [() => keys.verify(key), () => keys.isEmpty(), () => keys.list()])
      expectFault(call, "KEYS_UNREADABLE", /went away/);
    expectFault(() => keys.create({ name: "b", grants: writer }), "KEYS_UNREADABLE", /went away/);
    writeFileSync(fileOf(home), "", { mode: 0o600 });
    expectFault(() => keys.isEmpty(), "KEYS_UNREADABLE", /JSON/);
    writeFileSync(fileOf(home), content, { mode: 0o600 });
    expect(keys.verify(key)).toMatchObject({ name: "ci" });
  });

  test("in which anything is not as Momo writes it is not used, and not said aloud", () => {
    const home = temporaryHome();
    const keys = openKeys(home);
    keys.create({ name: "ci", grants: writer });
    const sound = JSON.parse(readFileSync(fileOf(home), "utf8"));
    const [one] = sound.keys;
    const changes: unknown[] = [
      [],
      { keys: [] },
      { version: 2, keys: [] },
      { version: 1 },
      { version: 1, keys: [one, one] },
      ...[{ grants: {} }, { grants: { "*": "root" } }, { secret_hash: "" }, { secret_hash: 7 }].map(
        (change) => ({
          version: 1,
          keys: [{ ...one, ...change }],
        }),
      ),
      ...[{ revoked_at: true }, { expires_at: "never" }, { previous_hash: "x" }, { name: "indexer" }].map(
        (change) => ({ version: 1, keys: [{ ...one, ...change }] }),
      ),
      { version: 1, keys: [{ ...one, previous_hash: one.secret_hash }] },
      { version: 1, keys: [{ ...one, role: "admin" }] },
    ];
    for (const change of changes) {
      writeFileSync(fileOf(home), JSON.stringify(change), { mode: 0o600 });
      expectFault(() => openKeys(home).isEmpty(), "KEYS_UNREADABLE", /keys\.json cannot be used/);
    }
    writeFileSync(fileOf(home), '{"secret');
    expectFault(() => openKeys(home).isEmpty(), "KEYS_UNREADABLE", /^(?!.*\{"secret)/);
  });

  test("a workspace called __proto__ is one like any other", () => {
    const home = temporaryHome();
    const grants = JSON.parse('{"__proto__": "admin"}');
    const { key } = openKeys(home).create({ name: "ci", grants });
    const found = openKeys(home).verify(key);
    if (typeof found === "string") throw new Error(found);
    expect(Object.entries(found.grants)).toEqual([["__proto__", "admin"]]);
    expect(({} as Record<string, unknown>).admin).toBeUndefined();
  });
});
