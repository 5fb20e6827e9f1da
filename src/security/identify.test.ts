import { createHmac } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createIdentify } from "./identify.ts";
import { keyText, newId, newSecret } from "./key-text.ts";
import { KEYS_FILE, openKeys } from "./keys.ts";
import { temporaryHome } from "./processes.fixture.ts";
import { openTokens } from "./tokens.ts";

const secret = "a secret of at least 32 bytes, for tests";

function token(claims: Record<string, unknown>): string {
  const encode = (part: unknown): string => Buffer.from(JSON.stringify(part)).toString("base64url");
  const text = `${encode({ alg: "HS256" })}.${encode({ aud: "momo", ...claims })}`;
  return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
}

function world() {
  const home = temporaryHome();
  const keys = openKeys(home);
  const made = keys.create({ name: "ci", grants: { shop: "writer" } });
  const settings = { algorithm: "HS256", secret, keys: "", issuer: "", audience: "momo", offline: true };
  const reasons: string[] = [];
  const tokens = openTokens(settings);
  const identify = createIdentify({ keys, tokens, on_refusal: (why) => reasons.push(why) });
  return { home, keys, ...made, reasons, identify };
}

const exp = Math.floor(Date.now() / 1000) + 60;

test("a key and a token say who calls, however the word before them is written", async () => {
  const { identify, key, record } = world();
  const ci = { principal: `key:${record.id}`, agent: "ci", grants: { shop: "writer" } };
  for (const header of [`Bearer ${key}`, `bearer ${key}`, `BEARER   ${key} `])
    expect(await identify(header)).toEqual(ci);
  expect(await identify(`Bearer ${token({ sub: "ann", exp, role: "admin" })}`)).toEqual({
    principal: "token:ann",
    agent: "token:ann",
    grants: { "*": "admin" },
  });
});

test("without a key or a token nobody is let in", async () => {
  const { identify, key, reasons } = world();
  const headers = [
    undefined,
    "",
    "Bearer",
    "Bearer ",
    key,
    `Basic ${key}`,
    `Bearer${key}`,
    `Bearer ${key} x`,
  ];
  for (const header of [...headers, `Bearer ${key},Bearer x`, `Bearer ${"x".repeat(9000)}`])
    await expect(identify(header), header).rejects.toMatchObject({ code: "UNAUTHORIZED" });
  expect(new Set(reasons)).toEqual(new Set(["missing"]));
});

test("whatever is wrong with it, the answer is the same, and only the log learns what", async () => {
  const { home, identify, keys, key, record, reasons } = world();
  const earlier = openKeys(home, { now: () => Date.now() - 10_000 });
  const expired = earlier.create({ name: "old", grants: { "*": "reader" }, expires_at: Date.now() - 5000 });
  keys.revoke(record.id);
  const wrong = [
    key,
    expired.key,
    keyText(record.id, newSecret()),
    keyText(newId(), newSecret()),
    "momo_x",
    token({ sub: "ann", exp: 1, role: "admin" }),
    token({ sub: "ann", exp }),
    "a.b.c",
  ];
  const answers = new Set<string>();
  for (const text of wrong) {
    const error = await identify(`Bearer ${text}`).catch((fault: Error) => fault);
    answers.add(String(error));
  }
  expect(answers).toEqual(
    new Set(["MomoError: the key or token is not good: send a valid key or token as Authorization: Bearer"]),
  );
  expect(reasons).toEqual([
    "revoked",
    "expired",
    "unknown",
    "unknown",
    "malformed",
    "expired",
    "claims",
    "malformed",
  ]);
});

test("where tokens are not used, one opens nothing", async () => {
  const { keys } = world();
  const identify = createIdentify({ keys, tokens: undefined });
  const header = `Bearer ${token({ sub: "ann", exp, role: "admin" })}`;
  await expect(identify(header)).rejects.toMatchObject({ code: "UNAUTHORIZED" });
});

test("keys that cannot be read let nobody in, and are not the caller's fault", async () => {
  const { home, identify, key } = world();
  await identify(`Bearer ${key}`);
  rmSync(join(home, KEYS_FILE));
  await expect(identify(`Bearer ${key}`)).rejects.toMatchObject({ code: "KEYS_UNREADABLE" });
});
