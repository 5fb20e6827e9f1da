/** What a tracer offers, and how one is set up. Made by otel.ts, called through trace.ts. */

export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

export type SpanKind = "internal" | "client" | "server";

/** What otel.ts does while tracing is on. */
export interface Tracer {
  span<T>(start: SpanStart, work: (note: Note) => T): T;
  withParent<T>(headers: Headers, work: () => T): T;
  /** Of the span around this call. */
  ids(): { trace_id: string; span_id: string } | undefined;
  traceparent(): string | undefined;
  close(): Promise<void>;
}

export interface TracingOptions {
  /** Where spans are sent, as OTLP over HTTP: `http://localhost:4318/v1/traces`. */
  url: string;
  version: string;
  /** Hears at most once a minute why spans could not be sent. */
  onProblem: (why: string) => void;
}

export type ImportOptional = <T>(name: string, load: () => Promise<T>) => Promise<T>;

export interface SpanStart {
  name: string;
  kind: SpanKind;
  attributes: Attributes;
}

/** Adds to the span what is known only after its beginning. */
export type Note = (attributes: Attributes) => void;

export type Headers = Readonly<Record<string, string | string[] | undefined>>;
