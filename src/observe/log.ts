/**
 * The log of a server: one JSON object a line, or lines for people where somebody looks. Every line has the fields of
 * the request that it belongs to, and no secret. Made once where a server begins, on standard error; standard output
 * of `momo mcp` holds JSON-RPC and nothing else. A search from the command line does not load this.
 */
import { pino } from "pino";
import { MomoError } from "../errors.ts";
import { contextFields } from "./context.ts";
import { createRedactor, type Plain } from "./redact.ts";
import { traceFields } from "./trace.ts";

/** Each is more serious than the ones before it. */
export const logLevels = ["debug", "info", "warning", "error", "critical"] as const;
export type LogLevel = (typeof logLevels)[number];

export type LogFields = Readonly<Record<string, unknown>>;
type Write = (message: string, fields?: LogFields) => void;

/** An error goes into the field `err`. */
export interface Log extends Readonly<Record<LogLevel, Write>> {
  /** The same log in the name of another part: `http`, `mcp`. */
  named(logger: string): Log;
}

export interface LogStream {
  write(text: string): unknown;
  isTTY?: boolean | undefined;
}

export interface LogOptions {
  /** This and everything more serious, in any case. */
  level: string;
  /** `auto` is pretty where the stream is a terminal. */
  format: "auto" | "json" | "pretty";
  stream: LogStream;
  /** Secrets that this process knows, replaced wherever they stand and whatever they look like. */
  redact?: readonly string[];
}

const numbers: Readonly<Record<LogLevel, number>> = {
  debug: 20,
  info: 30,
  warning: 40,
  error: 50,
  critical: 60,
};

/** What a line says about itself; a field of that name gets another one. */
const reserved = new Set(["time", "level", "pid", "logger", "msg"]);

/** Raises VALUE_INVALID for an unknown level. */
export async function createLog({ level, format, stream, redact = [] }: LogOptions): Promise<Log> {
  const isPretty = format === "pretty" || (format === "auto" && stream.isTTY === true);
  const form = isPretty ? await prettyForm(stream.isTTY === true) : jsonForm;
  const logger = pino(
    {
      level: levelOf(level),
      customLevels: { ...numbers },
      useOnlyCustomLevels: true,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      // Errors are plain data by then.
      serializers: { err: (value: unknown) => value },
    },
    { write: (line: string) => void stream.write(form(line)) },
  );
  const redactor = createRedactor(redact);
  const named = (name: string): Log => {
    const write =
      (one: LogLevel): Write =>
      (message, fields) => {
        if (!logger.isLevelEnabled(one)) return;
        const all = { ...traceFields(), ...contextFields(), ...fields };
        const safe = redactor.value(all) as Record<string, Plain>;
        logger[one](
          { logger: name, ...Object.fromEntries(Object.entries(safe).map(renamed)) },
          redactor.text(message),
        );
      };
    const [debug, info, warning, error, critical] = logLevels.map(write) as [
      Write,
      Write,
      Write,
      Write,
      Write,
    ];
    return { debug, info, warning, error, critical, named };
  };
  return named("momo");
}

function levelOf(level: string): LogLevel {
  const known = logLevels.find((one) => one === level.trim().toLowerCase());
  if (known) return known;
  throw new MomoError("VALUE_INVALID", { name: "log_level", value: level, hint: logLevels.join(", ") });
}

const renamed = ([name, value]: [string, Plain]): [string, Plain] =>
  reserved.has(name) ? [`${name}_`, value] : [name, value];

/** What moves a cursor, ends a line or turns the direction of writing in some terminal or viewer. */
const UNSAFE = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
const escaped = (text: string): string =>
  text.replace(UNSAFE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** JSON leaves some of them as they are; a reader of JSON gets the same text back. */
const jsonForm = (line: string): string => `${escaped(line.trimEnd())}\n`;

/** Only a stack may have lines of its own: they are indented, and so begin no line of the log. */
async function prettyForm(colorize: boolean): Promise<(line: string) => string> {
  const { prettyFactory } = await import("pino-pretty");
  const pretty = prettyFactory({
    colorize,
    customLevels: { ...numbers },
    useOnlyCustomProps: true,
    singleLine: true,
    ignore: "pid,logger",
    translateTime: "SYS:HH:MM:ss.l",
    messageFormat: (log, key) => `${log.logger}: ${log[key]}`,
  });
  return (line) => pretty(oneLine(JSON.parse(line)));
}

function oneLine(value: unknown, name = ""): unknown {
  if (typeof value === "string")
    return name === "stack" ? value.split("\n").map(escaped).join("\n") : escaped(value);
  if (Array.isArray(value)) return value.map((one) => oneLine(one));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [escaped(key), oneLine(one, key)]));
}
