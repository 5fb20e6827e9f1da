/**
 * The official conformance suite against a server of ours, over HTTP and, through a bridge, over standard input and
 * output, in both revisions of the protocol. Scenarios that need tools, resources or prompts of the suite's own example
 * server cannot apply to one that has a purpose; they are listed with the reason. Whatever else fails, fails here.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bridgeOverPipes, localCaller, serveOverHttp, serviceOver } from "./mcp-server.ts";
import { momo, project, repository, run, temporaryFolder } from "./momo-process.ts";

const suite = join(repository, "node_modules", "@modelcontextprotocol", "conformance", "dist", "index.js");

const itsOwnTool = "calls a tool of the suite's example server";
const itsOwnPrompt = "gets a prompt of the suite's example server";
const itsOwnResource = "reads a resource of the suite's example server";
const asksTheClient = "needs a tool that asks its client something; ours never do";

/** Why a scenario cannot be run against a real server. */
const foreign: Readonly<Record<string, string>> = {
  "logging-set-level": "logging is deprecated; the server does not offer it",
  "tools-call-simple-text": itsOwnTool,
  "tools-call-image": itsOwnTool,
  "tools-call-audio": itsOwnTool,
  "tools-call-embedded-resource": itsOwnTool,
  "tools-call-mixed-content": itsOwnTool,
  "tools-call-with-logging": itsOwnTool,
  "tools-call-error": itsOwnTool,
  "tools-call-with-progress": itsOwnTool,
  "tools-call-sampling": asksTheClient,
  "tools-call-elicitation": asksTheClient,
  "json-schema-2020-12": itsOwnTool,
  "elicitation-sep1034-defaults": asksTheClient,
  "elicitation-sep1330-enums": asksTheClient,
  "resources-read-text": itsOwnResource,
  "resources-read-binary": itsOwnResource,
  "resources-templates-read": itsOwnResource,
  "resources-subscribe": "subscriptions are not offered",
  "resources-unsubscribe": "subscriptions are not offered",
  "prompts-get-simple": itsOwnPrompt,
  "prompts-get-with-args": itsOwnPrompt,
  "prompts-get-embedded-resource": itsOwnPrompt,
  "prompts-get-with-image": itsOwnPrompt,
  "http-custom-header-server-validation": "needs a tool whose schema names headers of its own",
  "input-required-result-basic-elicitation": asksTheClient,
  "input-required-result-basic-sampling": asksTheClient,
  "input-required-result-basic-list-roots": asksTheClient,
  "input-required-result-request-state": asksTheClient,
  "input-required-result-multiple-input-requests": asksTheClient,
  "input-required-result-multi-round": asksTheClient,
  "input-required-result-non-tool-request": asksTheClient,
  "input-required-result-result-type": asksTheClient,
  "input-required-result-tampered-state": asksTheClient,
  "input-required-result-capability-check": asksTheClient,
};

/** Checks inside of scenarios that do apply, which need a tool of the example server all the same. */
const foreignChecks = new Set([
  "sep-2575-server-rejects-undeclared-capability",
  "sep-2575-missing-capability-http-400",
  "sep-2575-http-server-no-independent-requests-on-stream",
  "sep-2575-server-no-log-without-loglevel",
]);

interface Check {
  id: string;
  name: string;
  status: string;
  errorMessage?: string;
}

/** Results by scenario, from the files that the suite leaves. */
async function runSuite(url: string, revision: string): Promise<Map<string, Check[]>> {
  const results = temporaryFolder();
  const args = ["server", "--url", url, "--suite", "all", "--spec-version", revision, "-o", results];
  await run([process.execPath, suite, ...args]);
  const scenarios = new Map<string, Check[]>();
  for (const folder of readdirSync(results)) {
    const name = folder.replace(/^server-/, "").replace(/-\d{4}-\d\d-\d\dT.*$/, "");
    scenarios.set(name, JSON.parse(readFileSync(join(results, folder, "checks.json"), "utf8")));
  }
  return scenarios;
}

function failuresOf(scenarios: Map<string, Check[]>): string[] {
  return [...scenarios]
    .filter(([name]) => !Object.hasOwn(foreign, name))
    .flatMap(([name, checks]) =>
      checks
        .filter(({ id, status }) => status === "FAILURE" && !foreignChecks.has(id))
        .map(({ id, errorMessage }) => `${name}: ${id}: ${errorMessage?.slice(0, 200)}`),
    );
}

/** Scenarios of each revision that must have been run, so that an empty result is no success. */
const applying: Readonly<Record<string, readonly string[]>> = {
  "2025-11-25": [
    "server-initialize",
    "ping",
    "completion-complete",
    "tools-list",
    "resources-list",
    "prompts-list",
  ],
  "2026-07-28": [
    "server-stateless",
    "completion-complete",
    "tools-list",
    "resources-list",
    "sep-2164-resource-not-found",
    "prompts-list",
    "dns-rebinding-protection",
    "caching",
    "http-header-validation",
  ],
};

function expectPassed(scenarios: Map<string, Check[]>, names: readonly string[]): void {
  for (const name of names) {
    const passed = (scenarios.get(name) ?? []).filter(({ status }) => status === "SUCCESS");
    expect(passed.length, name).toBeGreaterThan(0);
  }
}

const revisions = Object.keys(applying);

test.each(revisions)("the suite passes over HTTP in revision %s", { timeout: 240_000 }, async (revision) => {
  const service = serviceOver(project());
  await service.call({ command: "ingest", input: {}, caller: localCaller, request_id: "1" });
  await service.call({
    command: "doc",
    caller: localCaller,
    request_id: "2",
    input: { action: "set", id: "notes/one", content: "One note" },
  });
  const { url } = await serveOverHttp(service);
  const scenarios = await runSuite(url, revision);
  expect(failuresOf(scenarios)).toEqual([]);
  expectPassed(scenarios, applying[revision]!);
});

/** They are about status codes, headers and streams of HTTP, which pipes do not have. */
const aboutHttp = new Set([
  "server-stateless",
  "dns-rebinding-protection",
  "http-header-validation",
  "server-session-lifecycle",
  "server-sse-polling",
  "server-sse-multiple-streams",
]);

test.each(revisions)("the suite passes over pipes in revision %s", { timeout: 240_000 }, async (revision) => {
  const folder = project();
  await momo(["ingest", folder]);
  await momo(["doc", "set", "notes/one", "--content", "One note", "--path", folder]);
  const all = await runSuite(await bridgeOverPipes([folder]), revision);
  const scenarios = new Map([...all].filter(([name]) => !aboutHttp.has(name)));
  expect(failuresOf(scenarios)).toEqual([]);
  expectPassed(
    scenarios,
    applying[revision]!.filter((name) => !aboutHttp.has(name)),
  );
});
