import { createHmac, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { temporaryHome } from "./processes.fixture.ts";
import { looksLikeToken, openTokens, type TokenSettings } from "./tokens.ts";

const SECRET = "a secret of at least 32 bytes, for tests";
const now = Date.parse("2026-11-24T12:00:00Z");
const seconds = now / 1000;

const encode = (value: unknown): string =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

interface Parts {
  header?: Record<string, unknown>;
  claims?: unknown;
  /** Default HMAC-SHA-256 with the secret. */
  signer?: (text: string) => Buffer;
}

const hmac =
  (secret: string | Buffer, hash = "sha256") =>
  (text: string) =>
    createHmac(hash, secret).update(text).digest();

const sound = { sub: "ann", aud: "momo", iss: "https://id", exp: seconds + 60, role: "writer" };

function token({ header = {}, claims = sound, signer = hmac(SECRET) }: Parts = {}): string {
  const text = `${encode({ alg: "HS256", typ: "JWT", ...header })}.${encode(claims)}`;
  return `${text}.${signer(text).toString("base64url")}`;
}

const settings: TokenSettings = {
  algorithm: "HS256",
  secret: SECRET,
  keys: "",
  issuer: "https://id",
  audience: "momo",
  offline: false,
};
const shared = openTokens(settings)!;
const check = (text: string) => shared.verify(text, now);

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
const ed = generateKeyPairSync("ed25519");
const jwk = (key: KeyObject, more: object): object => ({ ...key.export({ format: "jwk" }), ...more });
const rsaSigner = (key: KeyObject) => (text: string) => sign("sha256", Buffer.from(text), key);

function keyFile(content: unknown): string {
  const home = temporaryHome();
  mkdirSync(home);
  const file = join(home, "keys.json");
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
}

const withKeys = (keys: string, algorithm = "RS256") =>
  openTokens({ ...settings, algorithm, secret: undefined, keys })!;

describe("a sound token", () => {
  test("says who, what and until when", async () => {
    expect(await check(token())).toEqual({
      subject: "ann",
      grants: { "*": "writer" },
      expires_at: "2026-11-24T12:01:00.000Z",
    });
  });

  test("grants by workspace, which counts before a role for all", async () => {
    const claims = { ...sound, momo: { shop: "admin", "*": "reader" }, role: "admin" };
    expect(await check(token({ claims }))).toMatchObject({ grants: { shop: "admin", "*": "reader" } });
  });

  test("may name several audiences, and be five seconds too early or late", async () => {
    for (const claims of [
      { ...sound, aud: ["other", "momo"] },
      { ...sound, exp: seconds - 4 },
      { ...sound, nbf: seconds + 5 },
    ])
      expect(await check(token({ claims }))).toMatchObject({ subject: "ann" });
  });

  test("of another issuer is as good where none is asked for", async () => {
    const tokens = openTokens({ ...settings, issuer: "" })!;
    expect(await tokens.verify(token({ claims: { ...sound, iss: undefined } }), now)).toMatchObject({
      subject: "ann",
    });
  });

  test("is told from a key", () => {
    expect(looksLikeToken(token())).toBe(true);
    expect(looksLikeToken("momo_qgad0LUkz3Y7_PJNQ2RquYiXtB4sTtPrunyiRht6_0ESA8U")).toBe(false);
  });
});

const refusedClaims: [string, unknown, string][] = [
  ["expired", { ...sound, exp: seconds - 5 }, "expired"],
  ["not yet valid", { ...sound, nbf: seconds + 6 }, "not yet valid"],
  ["without an end", { ...sound, exp: undefined }, "claims"],
  ["with an end as text", { ...sound, exp: String(seconds + 60) }, "claims"],
  ["with an end that no date holds", { ...sound, exp: 1e13 }, "claims"],
  ["that is good from a text on", { ...sound, nbf: "now" }, "claims"],
  ["issued at a text", { ...sound, iat: "now" }, "claims"],
  ["for somebody else", { ...sound, aud: "other" }, "audience"],
  ["for nobody", { ...sound, aud: undefined }, "claims"],
  ["for a number", { ...sound, aud: 7 }, "audience"],
  ["by another issuer", { ...sound, iss: "https://id.evil" }, "issuer"],
  ["by several issuers", { ...sound, iss: ["https://id"] }, "issuer"],
  ["by no issuer", { ...sound, iss: undefined }, "claims"],
  ["of nobody", { ...sound, sub: undefined }, "claims"],
  ["of an empty name", { ...sound, sub: "" }, "claims"],
  ["of a list", { ...sound, sub: ["ann"] }, "claims"],
  ["of a name of two lines", { ...sound, sub: "ann\nadmin" }, "claims"],
  ["of a name that turns the line", { ...sound, sub: "ann\u202e" }, "claims"],
  ["of a name that is too long", { ...sound, sub: "a".repeat(201) }, "claims"],
  ["of Momo itself", { ...sound, sub: "indexer" }, "claims"],
  ["that grants nothing", { ...sound, role: undefined }, "claims"],
  ["with an unknown role", { ...sound, role: "root" }, "claims"],
  ["with a role of every object", { ...sound, role: "constructor" }, "claims"],
  ["with a list of roles", { ...sound, role: ["admin"] }, "claims"],
  ["with no workspaces", { ...sound, momo: {} }, "claims"],
  ["with a broken grant beside a role", { ...sound, momo: { shop: "root" } }, "claims"],
  ["with grants as a text", { ...sound, momo: "admin" }, "claims"],
  ["with grants as null", { ...sound, momo: null }, "claims"],
  ["with grants as a list", { ...sound, momo: ["admin"] }, "claims"],
  ["whose claims are a list", [sound], "malformed"],
  ["whose claims are no JSON", "{", "malformed"],
  ["whose claims are null", null, "malformed"],
];

test.each(refusedClaims)("a token %s is refused", async (_, claims, why) => {
  expect(await check(token({ claims }))).toBe(why);
});

test("an end beyond all numbers is refused", async () => {
  const claims = JSON.stringify(sound).replace(/"exp":\d+/, '"exp":1e999');
  expect(await check(token({ claims }))).toBe("claims");
});

describe("forged tokens", () => {
  test("without a signature, in every way to say so", async () => {
    const parts = token().split(".");
    for (const alg of ["none", "None", "NONE", "nOnE", "", undefined, null, 0, ["HS256"]]) {
      const head = encode({ alg, typ: "JWT" });
      for (const text of [`${head}.${parts[1]}.`, `${head}.${parts[1]}`, `${head}.${parts[1]}.${parts[2]}`])
        expect(typeof (await check(text)), text).toBe("string");
    }
  });

  test("with another secret, another algorithm, or a changed part", async () => {
    const [head, body, mac] = token().split(".") as [string, string, string];
    const admin = encode({ ...sound, role: "admin" });
    const forged: [string, string][] = [
      [token({ signer: hmac("another secret of at least 32 bytes!!!") }), "signature"],
      [token({ signer: hmac("") }), "signature"],
      [`${head}.${admin}.${mac}`, "signature"],
      [`${encode({ alg: "HS256" })}.${body}.${mac}`, "signature"],
      [`${head}.${body}.${mac.slice(0, -3)}`, "signature"],
      [token({ header: { alg: "HS512" }, signer: hmac(SECRET, "sha512") }), "algorithm"],
      [token({ header: { alg: "HS384" }, signer: hmac(SECRET, "sha384") }), "algorithm"],
      [token({ header: { alg: "RS256" }, signer: rsaSigner(rsa.privateKey) }), "algorithm"],
    ];
    for (const [text, why] of forged) expect(await check(text), text).toBe(why);
  });

  test("an RSA public key is no secret: HS256 signed with it is refused", async () => {
    const tokens = withKeys(keyFile({ keys: [jwk(rsa.publicKey, { alg: "RS256", kid: "a" })] }));
    const good = token({ header: { alg: "RS256", kid: "a" }, signer: rsaSigner(rsa.privateKey) });
    expect(await tokens.verify(good, now)).toMatchObject({ subject: "ann" });
    const pem = rsa.publicKey.export({ format: "pem", type: "spki" });
    const der = rsa.publicKey.export({ format: "der", type: "spki" });
    const text = JSON.stringify(rsa.publicKey.export({ format: "jwk" }));
    for (const secret of [pem, der, text, rsa.publicKey.export({ format: "jwk" }).n!])
      for (const header of [{ kid: "a" }, {}])
        expect(await tokens.verify(token({ header, signer: hmac(secret as Buffer) }), now)).toBe("algorithm");
  });

  test("a header cannot bring or choose its own key", async () => {
    const tokens = withKeys(keyFile({ keys: [jwk(rsa.publicKey, { kid: "a" })] }));
    const mine = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const headers = [
      { jwk: jwk(mine.publicKey, {}) },
      { jwk: jwk(mine.publicKey, {}), kid: "a" },
      { jku: "http://127.0.0.1:1/keys", kid: "a" },
      { x5u: "http://127.0.0.1:1/cert" },
      { x5c: [mine.publicKey.export({ format: "der", type: "spki" }).toString("base64")] },
      { kid: "../../../../dev/null" },
      { kid: "' OR '1'='1" },
      { kid: "__proto__" },
      { kid: ["a"] },
      { kid: 0 },
      { kid: { toString: "a" } },
      { crit: ["exp"] },
      { crit: ["b64"], b64: false },
    ];
    for (const header of headers) {
      const text = token({ header: { alg: "RS256", ...header }, signer: rsaSigner(mine.privateKey) });
      expect(typeof (await tokens.verify(text, now)), JSON.stringify(header)).toBe("string");
    }
    for (const kid of ["/dev/null", "b", ""]) {
      const text = token({ header: { alg: "RS256", kid }, signer: rsaSigner(rsa.privateKey) });
      expect(await tokens.verify(text, now)).toBe("signature");
    }
  });

  test("too long, cut, or no token at all", async () => {
    const text = token({ claims: { ...sound, more: "x".repeat(8000) } });
    expect(text.length).toBeGreaterThan(8192);
    expect(await check(text)).toBe("too long");
    const good = token();
    for (let length = 0; length < good.length; length += 7)
      expect(typeof (await check(good.slice(0, length)))).toBe("string");
    for (const odd of [`${good}.`, `.${good}`, `${good} `, good.replace(".", ".."), "a.b.c", "..", "é.é.é"])
      expect(typeof (await check(odd)), odd).toBe("string");
  });
});

describe("public keys", () => {
  test.each([
    ["RS256", rsa, rsaSigner(rsa.privateKey)],
    [
      "ES256",
      ec,
      (text: string) => sign("sha256", Buffer.from(text), { key: ec.privateKey, dsaEncoding: "ieee-p1363" }),
    ],
    ["EdDSA", ed, (text: string) => sign(null, Buffer.from(text), ed.privateKey)],
  ] as const)("%s from a file", async (alg, pair, signer) => {
    const tokens = withKeys(keyFile({ keys: [jwk(pair.publicKey, { kid: "a" })] }), alg);
    expect(await tokens.verify(token({ header: { alg, kid: "a" }, signer }), now)).toMatchObject({
      subject: "ann",
    });
    expect(await tokens.verify(token({ header: { alg, kid: "a" } }), now)).toBe("signature");
  });

  test("without names are tried one after the other", async () => {
    const other = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const stranger = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const tokens = withKeys(keyFile({ keys: [jwk(other.publicKey, {}), jwk(rsa.publicKey, {})] }));
    const text = (pair: typeof rsa) =>
      token({ header: { alg: "RS256" }, signer: rsaSigner(pair.privateKey) });
    expect(await tokens.verify(text(rsa), now)).toMatchObject({ subject: "ann" });
    expect(await tokens.verify(text(stranger), now)).toBe("signature");
  });

  test("a file that changes is read again; one that breaks lets nobody in", async () => {
    const file = keyFile({ keys: [jwk(rsa.publicKey, { kid: "a" })] });
    const tokens = withKeys(file);
    const good = token({ header: { alg: "RS256", kid: "a" }, signer: rsaSigner(rsa.privateKey) });
    expect(await tokens.verify(good, now)).toMatchObject({ subject: "ann" });
    writeFileSync(file, "{");
    expect(await tokens.verify(good, now)).toBe("keys");
    writeFileSync(file, JSON.stringify({ keys: [] }));
    expect(await tokens.verify(good, now)).toBe("signature");
  });

  /** A server of keys that says what was asked of it. */
  async function keyServer(answer: () => { status?: number; body: string; location?: string }) {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? "");
      const { status = 200, body, location } = answer();
      response.writeHead(status, { "content-type": "application/json", ...(location && { location }) });
      response.end(body);
    }).listen(0, "127.0.0.1");
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    await new Promise((resolve) => server.once("listening", resolve));
    return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys` };
  }

  test("from an address are fetched once", async () => {
    const body = JSON.stringify({ keys: [jwk(rsa.publicKey, { kid: "a" })] });
    const { asked, url } = await keyServer(() => ({ body }));
    const tokens = withKeys(url);
    const good = token({ header: { alg: "RS256", kid: "a" }, signer: rsaSigner(rsa.privateKey) });
    for (let i = 0; i < 3; i++) expect(await tokens.verify(good, now)).toMatchObject({ subject: "ann" });
    for (let i = 0; i < 20; i++) {
      const unknown = token({ header: { alg: "RS256", kid: `x${i}` }, signer: rsaSigner(rsa.privateKey) });
      expect(await tokens.verify(unknown, now)).toBe("signature");
    }
    expect(asked).toEqual(["/keys"]);
  });

  test.each([
    ["an error", { status: 500, body: "{}" }],
    ["no JSON", { body: "<html>" }],
    ["another place", { status: 302, body: "", location: "http://127.0.0.1:1/" }],
    ["more than any list of keys", { body: `{"keys":[],"x":"${"x".repeat(2 ** 20)}"}` }],
  ])("an address that answers with %s lets nobody in", async (_, answer) => {
    const { url } = await keyServer(() => answer);
    const good = token({ header: { alg: "RS256", kid: "a" }, signer: rsaSigner(rsa.privateKey) });
    expect(await withKeys(url).verify(good, now)).toBe("keys");
  });
});

describe("settings that cannot be safe", () => {
  const open = (change: Partial<TokenSettings>) => () => openTokens({ ...settings, ...change });
  const refused = (change: Partial<TokenSettings>, code: string, message: RegExp) =>
    expect(open(change)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));

  test("without anything that signs there are no tokens", () => {
    expect(openTokens({ ...settings, secret: undefined })).toBeUndefined();
    expect(openTokens({ ...settings, algorithm: "RS256", secret: undefined })).toBeUndefined();
  });

  test.each([
    ["HS256", 32],
    ["HS384", 48],
    ["HS512", 64],
  ])("a secret for %s has at least %d bytes, and is not repeated", (algorithm, bytes) => {
    refused({ algorithm, secret: "s".repeat(bytes - 1) }, "CONFIG_INVALID", /^(?!.*sss).*MOMO_JWT_SECRET/);
    expect(open({ algorithm, secret: "s".repeat(bytes) })).not.toThrow();
  });

  test("a secret and public keys do not go together", () => {
    refused({ keys: "keys.json" }, "CONFIG_INVALID", /jwt_keys/);
    refused({ algorithm: "RS256", keys: "keys.json" }, "CONFIG_INVALID", /MOMO_JWT_SECRET/);
  });

  test("keys come over https, from this machine, or not at all", () => {
    const keys = { algorithm: "RS256", secret: undefined };
    refused({ ...keys, keys: "http://id.example.com/keys" }, "CONFIG_INVALID", /https/);
    refused({ ...keys, keys: "http://localhost.evil.example/keys" }, "CONFIG_INVALID", /https/);
    refused({ ...keys, keys: "https://name:password@id.example/" }, "CONFIG_INVALID", /^(?!.*name:password)/);
    refused({ ...keys, keys: "https://id.example.com/keys", offline: true }, "OFFLINE", /id\.example\.com/);
    for (const url of ["https://id.example.com/keys", "http://127.0.0.1:9/", "http://[::1]:9/"])
      expect(open({ ...keys, keys: url })).not.toThrow();
    expect(open({ ...keys, keys: "http://localhost:9/", offline: true })).not.toThrow();
  });

  test("a file of keys is one", () => {
    const keys = { algorithm: "RS256", secret: undefined };
    refused({ ...keys, keys: "/nowhere/keys.json" }, "CONFIG_INVALID", /jwt_keys/);
    refused({ ...keys, keys: keyFile("{") }, "CONFIG_INVALID", /jwt_keys/);
    refused({ ...keys, keys: keyFile({ keys: "none" }) }, "CONFIG_INVALID", /jwt_keys/);
  });
});
