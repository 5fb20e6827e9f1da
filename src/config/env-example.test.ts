import { parseEnv } from "node:util";
import { expect, test } from "vitest";
import { loadConfig, secretVariables } from "./config.ts";
import { envExample } from "./env-example.ts";
import { envNameOf, settingKeys } from "./settings.ts";

test(".env.example is what the table of settings says", async () => {
  await expect(envExample()).toMatchFileSnapshot("../../.env.example");
});

test("every line of it, uncommented, is accepted and means the default", () => {
  const env = parseEnv(envExample().replace(/^# (MOMO_)/gm, "$1"));
  expect(Object.keys(env).sort()).toEqual(
    [...settingKeys.map(envNameOf), "MOMO_HOME", ...Object.keys(secretVariables)].sort(),
  );
  const config = loadConfig(undefined, env);
  expect(config.values).toEqual(loadConfig(undefined, {}).values);
  expect(config.warnings).toEqual([]);
});
