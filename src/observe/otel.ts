/**
 * Spans by the libraries of OpenTelemetry, sent as OTLP over HTTP. Loaded by trace.ts when tracing is started; the SDK
 * and the exporter are optional packages.
 */
import {
  context,
  DiagLogLevel,
  defaultTextMapGetter,
  defaultTextMapSetter,
  diag,
  type SpanKind as OtelKind,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { MomoError } from "../errors.ts";
import { redactText } from "../model/secrets.ts";
import { attribute } from "./conventions.ts";
import type { Attributes, ImportOptional, SpanKind, Tracer, TracingOptions } from "./tracer.ts";

/** How long one request to the collector may take, in milliseconds; also how long the end of a server may. */
const EXPORT_MS = 3_000;
const PROBLEM_PAUSE_MS = 60_000;

const kinds: Readonly<Record<SpanKind, OtelKind>> = { internal: 0, server: 1, client: 2 };

export async function createTracer(options: TracingOptions, load: ImportOptional): Promise<Tracer> {
  const sdk = await load("@opentelemetry/sdk-trace-node", () => import("@opentelemetry/sdk-trace-node"));
  const otlp = await load(
    "@opentelemetry/exporter-trace-otlp-http",
    () => import("@opentelemetry/exporter-trace-otlp-http"),
  );
  reportProblems(options.onProblem);
  const exporter = new otlp.OTLPTraceExporter({ url: options.url, timeoutMillis: EXPORT_MS });
  const provider = new sdk.NodeTracerProvider({
    resource: resourceOf(options.version),
    spanProcessors: [new sdk.BatchSpanProcessor(exporter, { exportTimeoutMillis: EXPORT_MS })],
  });
  provider.register();
  const tracer = provider.getTracer("momo", options.version);
  return {
    span: ({ name, kind, attributes }, work) =>
      tracer.startActiveSpan(name, { kind: kinds[kind], attributes: safe(attributes) }, (span) =>
        within(span, work),
      ),
    withParent: (headers, work) =>
      context.with(propagation.extract(ROOT_CONTEXT, headers, defaultTextMapGetter), work),
    ids: () => {
      const current = trace.getSpanContext(context.active());
      return current && { trace_id: current.traceId, span_id: current.spanId };
    },
    traceparent: () => {
      const carrier: Record<string, string> = {};
      propagation.inject(context.active(), carrier, defaultTextMapSetter);
      return carrier.traceparent;
    },
    close: async () => {
      await provider.shutdown().catch((error) => options.onProblem(String(error)));
      for (const api of [trace, context, propagation, diag]) api.disable();
    },
  };
}

/** What sends the spans, as every one of them says. The package that makes such objects would be a third to install. */
function resourceOf(version: string) {
  const attributes = { [attribute.serviceName]: "momo", [attribute.serviceVersion]: version };
  const resource = {
    attributes,
    merge: () => resource,
    getRawAttributes: (): [string, string][] => Object.entries(attributes),
  };
  return resource;
}

/** The SDK tells its logger what it could not send. */
function reportProblems(onProblem: (why: string) => void): void {
  let next = 0;
  const report = (message: string, ...more: unknown[]): void => {
    const now = performance.now();
    if (now < next) return;
    next = now + PROBLEM_PAUSE_MS;
    onProblem(redactText([message, ...more.map(String)].join(" ")));
  };
  const quiet = (): void => undefined;
  const logger = { error: report, warn: report, info: quiet, debug: quiet, verbose: quiet };
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
}

function within<T>(span: Span, work: (note: (attributes: Attributes) => void) => T): T {
  const fail = (error: unknown): never => {
    record(span, error);
    span.end();
    throw error;
  };
  try {
    const result = work((attributes) => span.setAttributes(safe(attributes)));
    if (result instanceof Promise) {
      return result.then((value) => {
        span.end();
        return value;
      }, fail) as T;
    }
    span.end();
    return result;
  } catch (error) {
    return fail(error);
  }
}

function record(span: Span, error: unknown): void {
  const { name, message, stack = "" } = error instanceof Error ? error : new Error(String(error));
  const type = error instanceof MomoError ? error.code : name;
  const said = redactText(message);
  span.recordException({ name: type, message: said, stack: redactText(stack) });
  span.setAttribute(attribute.error, type);
  span.setStatus({ code: SpanStatusCode.ERROR, message: said });
}

const safe = (attributes: Attributes): Record<string, string | number | boolean> =>
  Object.fromEntries(
    Object.entries(attributes).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, typeof value === "string" ? redactText(value) : value] as const],
    ),
  );
