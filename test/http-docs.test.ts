/** docs/http.md, executed: its curl commands run one after the other against a real server, and its table is complete. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ownRoutes } from "../src/http/own-routes.ts";
import { routes } from "../src/http/routes.ts";
import { startServer } from "../src/http/server.fixture.ts";
import { repository, run } from "./momo-process.ts";

const page = readFileSync(join(repository, "docs", "http.md"), "utf8");
const hasCurl = spawnSync("curl", ["--version"]).status === 0;

test.skipIf(!hasCurl)("its commands run", async () => {
  await using started = await startServer();
  const cwd = mkdtempSync(join(tmpdir(), "momo-http-docs-"));
  const lines = [...page.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block]) =>
    block!.trimEnd().split("\n"),
  );
  expect(lines.length).toBeGreaterThan(15);
  try {
    for (const line of lines) {
      // Nothing on this machine may stand between the two.
      const env = { URL: started.url, no_proxy: "127.0.0.1" };
      const { code, stdout } = await run(
        ["bash", "-c", line.replaceAll("curl -s", "curl -s --fail-with-body")],
        { cwd, env },
      );
      expect({ line, stdout, code }).toMatchObject({ code: 0 });
      if (line.startsWith("curl")) expect(() => JSON.parse(stdout), line).not.toThrow();
    }
  } finally {
    rmSync(cwd, { recursive: true });
  }
});

test("its table names every route", () => {
  const table = page.slice(page.indexOf("## All endpoints"), page.indexOf("## Errors"));
  const implied = /^\/(redo|rewind)\//;
  const missing = [...routes, ...ownRoutes].filter(
    ({ path }) => !implied.test(path) && !table.includes(path),
  );
  expect(missing.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
});
