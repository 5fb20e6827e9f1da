/**
 * Where the time of a request goes, as spans of OpenTelemetry. Off unless a server starts it, and then free: a span is
 * one look at a variable, and no library is loaded. Everything that waits for something or takes long calls `span`.
 */

import { MomoError } from "../errors.ts";
import type { Attributes, Headers, ImportOptional, Note, Tracer, TracingOptions } from "./tracer.ts";

let tracer: Tracer | undefined;
const ignore: Note = () => undefined;

/**
 * Does the work within a span that ends with it, or with the promise that it returns. What the work raises is recorded
 * and raised on.
 */
export const span = <T>(name: string, attributes: Attributes, work: (note: Note) => T): T =>
  tracer === undefined ? work(ignore) : tracer.span({ name, kind: "internal", attributes }, work);

/** The same for a request to another program. */
export const clientSpan = <T>(name: string, attributes: Attributes, work: (note: Note) => T): T =>
  tracer === undefined ? work(ignore) : tracer.span({ name, kind: "client", attributes }, work);

/** The same for a request of another program. */
export const serverSpan = <T>(name: string, attributes: Attributes, work: (note: Note) => T): T =>
  tracer === undefined ? work(ignore) : tracer.span({ name, kind: "server", attributes }, work);

/** Does the work as a part of the trace that the headers name (`traceparent` of W3C), if they name one. */
export const withRemoteParent = <T>(headers: Headers, work: () => T): T =>
  tracer === undefined ? work() : tracer.withParent(headers, work);

/** The header that carries the trace on, to a thread or another program; undefined outside of a span. */
export const traceparent = (): string | undefined => tracer?.traceparent();

/** For the lines of the log. */
export const traceFields = (): { trace_id: string; span_id: string } | undefined => tracer?.ids();

/**
 * Turns tracing on for this thread, until `close`. `close` sends what is left for at most a few seconds, and never
 * raises. Raises PACKAGE_MISSING where the optional packages are not installed.
 */
export async function startTracing(options: TracingOptions): Promise<{ close(): Promise<void> }> {
  if (tracer !== undefined) throw new Error("tracing is on already");
  const { createTracer } = await import("./otel.ts");
  const own = await createTracer(options, importOptional);
  tracer = own;
  return {
    close: async () => {
      if (tracer !== own) return;
      tracer = undefined;
      await own.close();
    },
  };
}

const importOptional: ImportOptional = async (name, load) => {
  try {
    return await load();
  } catch (error) {
    const { code, message } = error as { code?: string; message?: string };
    if (code !== "ERR_MODULE_NOT_FOUND" || !message?.includes(name)) throw error;
    throw new MomoError("PACKAGE_MISSING", { package: name, needed: "trace_url" }, error);
  }
};
