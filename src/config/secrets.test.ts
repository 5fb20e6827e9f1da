import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type ErrorCode, MomoError } from "../errors.ts";
import {
  auditKey,
  configFile,
  describeConfig,
  describeSecrets,
  embeddingKey,
  jwtSecret,
  loadConfig,
  secretVariables,
  setConfig,
  unsetConfig,
} from "./config.ts";
import { encryptionKey } from "./encryption-key.ts";

let home: string;
beforeEach(() => {
  home = join(mkdtempSync(join(tmpdir(), "momo-config-")), "home");
});
afterEach(() => rmSync(join(home, ".."), { recursive: true, force: true }));

function write(content: unknown): void {
  mkdirSync(home, { recursive: true });
  writeFileSync(configFile(home), typeof content === "string" ? content : JSON.stringify(content));
}

/** The error that a call ends with. */
function fault(call: () => unknown): MomoError {
  try {
    call();
  } catch (error) {
    if (error instanceof MomoError) return error;
    throw error;
  }
  throw new Error("no error");
}

function expectFault(call: () => unknown, code: ErrorCode, ...words: string[]): void {
  const error = fault(call);
  expect(error).toMatchObject({ code });
  for (const word of words) expect(error.message).toContain(word);
}

describe("secrets", () => {
  const secrets = Object.fromEntries(Object.keys(secretVariables).map((name) => [name, ` ${name}-value `]));

  test("have one way to be read, and show only whether they are set", () => {
    const config = loadConfig(home, secrets);
    expect([embeddingKey, jwtSecret, auditKey, encryptionKey].map((read) => read(secrets))).toEqual(
      Object.keys(secretVariables).map((name) => `${name}-value`),
    );
    expect(describeSecrets(secrets).map(({ set }) => set)).toEqual([true, true, true, true]);
    expect(describeSecrets({ MOMO_JWT_SECRET: " " })).toEqual(
      Object.keys(secretVariables).map((env) => ({ env, set: false })),
    );
    expect(config.warnings).toEqual([]);
    expect(JSON.stringify([config, describeConfig(config), describeSecrets(secrets)])).not.toContain(
      "-value",
    );
    for (const key of ["jwt_secret", "audit_key", "encryption_key"])
      expectFault(() => setConfig(home, key, "x"), "CONFIG_UNKNOWN");
  });

  test("that somebody put into a setting are not shown, and are used", () => {
    const token = "sk-abcdefghijklmnop123456";
    const env = {
      MOMO_EMBEDDING_MODEL: token,
      MOMO_EMBEDDING_URL: `https://models.example/v1?api_key=${token}`,
    };
    const config = loadConfig(home, env);
    expect(config.values.embedding_model).toBe(token);
    expect(JSON.stringify(describeConfig(config))).not.toContain(token);
    const shown = describeConfig(config).filter(({ key }) =>
      ["embedding_model", "embedding_url"].includes(key),
    );
    expect(shown.map(({ value }) => value)).toEqual(["(hidden)", "(hidden)"]);
  });

  test("in a value that is refused are not repeated", () => {
    const url = "https://name:hunter22@models.example";
    const error = fault(() => loadConfig(home, { MOMO_EMBEDDING_URL: url }));
    expect(error).toMatchObject({ code: "CONFIG_INVALID" });
    expect(error.message).toContain("(hidden)");
    expect(error.message).not.toContain("hunter22");
  });
});

describe("what opens a server", () => {
  const opening = {
    api_host: "0.0.0.0",
    allowed_hosts: ["momo.example"],
    allowed_origins: ["https://evil.example"],
    jwt_algorithm: "RS256",
    jwt_keys: "keys.json",
    jwt_issuer: "me",
    jwt_audience: "everyone",
  };
  test.each(Object.entries(opening))("%s comes from the environment or an option only", (key, value) => {
    write({ [key]: value });
    expectFault(() => loadConfig(home, {}), "CONFIG_INVALID", key, "from the environment or an option only");
    expectFault(() => setConfig(home, key, value), "CONFIG_INVALID", key);
    const variable = { [`MOMO_${key.toUpperCase()}`]: String(value) };
    expect(loadConfig(home, variable).values).toMatchObject({ [key]: value });
    expect(loadConfig(home, {}, { [key]: value }).values).toMatchObject({ [key]: value });
    unsetConfig(home, key);
    expect(loadConfig(home, {}).warnings).toEqual([]);
  });

  test.each([
    ["MOMO_ALLOWED_ORIGINS", "*"],
    ["MOMO_ALLOWED_ORIGINS", "https://a.example,*"],
    ["MOMO_ALLOWED_ORIGINS", "https://*.example"],
    ["MOMO_ALLOWED_ORIGINS", "null"],
    ["MOMO_ALLOWED_ORIGINS", "example.com"],
    ["MOMO_ALLOWED_ORIGINS", "https://a.example/path"],
    ["MOMO_ALLOWED_HOSTS", "*"],
    ["MOMO_ALLOWED_HOSTS", "*.example"],
    ["MOMO_ALLOWED_HOSTS", "a.example:80"],
    ["MOMO_ALLOWED_HOSTS", "http://a.example"],
    ["MOMO_MCP_TOOLS", "a tool"],
  ])("%s is not %s", (name, value) => {
    expectFault(() => loadConfig(home, { [name]: value }), "CONFIG_INVALID", "a list of");
  });

  test.each([
    ["MOMO_ALLOWED_ORIGINS", "https://a.example,http://localhost:3000,chrome-extension://abc"],
    ["MOMO_ALLOWED_HOSTS", "a.example,localhost,10.0.0.1,fd00::1,[fd00::2]"],
    ["MOMO_MCP_TOOLS", "all,search"],
  ])("%s may be %s", (name, value) => {
    const key = name.slice("MOMO_".length).toLowerCase();
    expect(loadConfig(home, { [name]: value }).values).toMatchObject({ [key]: value.split(",") });
  });
});
