/**
 * MCP over standard input and output, until the input ends or a signal comes. Standard output carries messages and
 * nothing else: whatever writes to it otherwise ends up on standard error. Called by cli/serve-mcp.ts.
 */
import { Writable } from "node:stream";
import type { Server } from "@modelcontextprotocol/server";
import { serveStdio as serveConnection } from "@modelcontextprotocol/server/stdio";
import type { Caller, Service } from "../service/service.ts";
import { createFreshness, type Freshness } from "./freshness.ts";
import { lineTransport } from "./line-transport.ts";
import { createMcpServer } from "./server.ts";
import type { ToolSet } from "./tool-set.ts";

export interface StdioOptions {
  service: Service;
  tools: ToolSet;
  caller: Caller;
  named: boolean;
  /** Tells what went wrong beside the answers. */
  report(error: Error): void;
}

/** Takes standard output for messages; gives it back at the end. */
function takeStdout(): { output: Writable; release: () => void } {
  const { stdout, stderr } = process;
  const own = stdout.write;
  const write = own.bind(stdout);
  const output = new Writable({
    decodeStrings: false,
    write: (chunk, encoding, done) => {
      write(chunk, encoding as BufferEncoding, (error) => done(error ?? undefined));
    },
  });
  stdout.write = stderr.write.bind(stderr) as typeof stdout.write;
  return {
    output,
    release: () => {
      stdout.write = own;
    },
  };
}

const signals = ["SIGTERM", "SIGINT", "SIGHUP"] as const;

/** Long enough for a client's first questions, short enough that an edit of a minute ago is found. */
const TIMES = { first_ms: 1500, pause_ms: 500, old_ms: 30_000 };

function freshnessOf(service: Service, caller: Caller): Freshness {
  return createFreshness({
    ...TIMES,
    now: () => performance.now(),
    ingest: async (more) => {
      await service.call({ command: "ingest", input: {}, caller, request_id: "freshness", ...more });
    },
  });
}

/** Resolves when the connection has ended. */
export async function serveStdio({ service, report, ...options }: StdioOptions): Promise<void> {
  const { output, release } = takeStdout();
  const freshness = freshnessOf(service, options.caller);
  const { transport, ended } = lineTransport({ input: process.stdin, output });
  const factory = (): Server => createMcpServer({ ...options, service, freshness });
  const handle = serveConnection(factory, { transport, onerror: report });
  const stop = (): void => void handle.close();
  for (const signal of signals) process.once(signal, stop);
  try {
    await ended;
  } finally {
    for (const signal of signals) process.off(signal, stop);
    await freshness.close();
    await service.close();
    release();
  }
}
