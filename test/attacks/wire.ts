/** Bytes on a socket, and what came back. Used by the tables of attacks: no client in between mends what is sent. */
import { connect } from "node:net";

/** The server that is attacked, and what an attacker could know of it. */
export interface World {
  port: number;
  /** `127.0.0.1:<port>`. */
  host: string;
  keys: Readonly<Record<"reader" | "writer" | "admin" | "elsewhere" | "expired" | "revoked", string>>;
  /** The folder that is served; `outside` lies beside it, and `way-out` in it is a link there. */
  root: string;
  outside: string;
  jwt_secret: string;
}

export interface Outcome {
  /** Of each answer that came on the connection; empty when none did. WebSockets: the code of the close. */
  statuses: number[];
  text: string;
}

export interface Attack {
  name: string;
  run: (world: World) => Promise<Outcome>;
  /** What its answer may be; 0 for none. */
  expect: readonly number[];
  /** Must not be in the answer. */
  never?: RegExp;
}

const WAIT_MS = 20_000;
const END_OF_EVENTS = "\n\r\n0\r\n\r\n";

interface Sending {
  port: number;
  /** Parts are written one after the other. */
  bytes: string | Uint8Array | readonly (string | Uint8Array)[];
  /** Ends the connection when nothing more came for so long: for what the server rightly goes on waiting for. */
  patience_ms?: number;
}

/** Sends, and reads until the server closes. */
export function exchange({ port, bytes, patience_ms = WAIT_MS }: Sending): Promise<Outcome> {
  const socket = connect(port, "127.0.0.1");
  const parts: Buffer[] = [];
  socket.setTimeout(patience_ms, () => socket.destroy());
  let end = "";
  socket.on("data", (part) => {
    parts.push(part);
    end = (end + part.subarray(-END_OF_EVENTS.length).toString("latin1")).slice(-END_OF_EVENTS.length);
    // A stream of events keeps the connection, whatever was asked; this is the end of one.
    if (end === END_OF_EVENTS) socket.end();
  });
  // A server that has said no may reset what still comes.
  socket.on("error", () => undefined);
  for (const part of Array.isArray(bytes) ? bytes : [bytes]) socket.write(part as string);
  return new Promise((resolve) => {
    socket.on("close", () => {
      const text = Buffer.concat(parts).toString("latin1");
      const statuses = [...text.matchAll(/(?:^|\r\n\r\n.*?|[}\n\]])HTTP\/1\.[01] (\d{3}) /gs)].map(
        ([, status]) => Number(status),
      );
      resolve({ statuses, text });
    });
  });
}

export interface Asking {
  /** Name of the key; null for none; or the whole header. */
  key?: keyof World["keys"] | null;
  host?: string;
  /** Lines, without the ends. */
  headers?: readonly string[];
  body?: string | Uint8Array | undefined;
  /** Default application/json where there is a body. */
  type?: string;
  /** Default `HTTP/1.1`. */
  version?: string;
}

/** A request as it goes over the wire; asks to close the connection afterwards. */
export function request(world: World, line: string, asking: Asking = {}): Uint8Array {
  const { key = "admin", host = world.host, headers = [], body, type = "application/json" } = asking;
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  const lines = [
    `${line} ${asking.version ?? "HTTP/1.1"}`,
    `Host: ${host}`,
    ...(key === null ? [] : [`Authorization: Bearer ${world.keys[key]}`]),
    ...(bytes === undefined ? [] : [`Content-Type: ${type}`, `Content-Length: ${bytes.length}`]),
    ...headers,
    "Connection: close",
  ];
  return Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"), bytes ?? Buffer.alloc(0)]);
}

type Expected = readonly number[] | number;
const listed = (expect: Expected): readonly number[] => (typeof expect === "number" ? [expect] : expect);

/** A request that is well-formed as HTTP. */
export function asks(
  name: string,
  line: string,
  rest: Asking & { expect: Expected; never?: RegExp },
): Attack {
  const { expect, never, ...asking } = rest;
  return {
    name,
    expect: listed(expect),
    ...(never && { never }),
    run: (world) => exchange({ port: world.port, bytes: request(world, line, asking) }),
  };
}

/** A JSON body. */
export const posts = (
  name: string,
  line: string,
  rest: { json: unknown; expect: Expected; never?: RegExp },
): Attack => asks(name, line, { ...rest, body: JSON.stringify(rest.json) });

/** Bytes of any kind. */
export function sends(
  name: string,
  bytes: (world: World) => Sending["bytes"],
  { expect, ...rest }: { expect: Expected; never?: RegExp; patience_ms?: number },
): Attack {
  const { never, patience_ms } = rest;
  return {
    name,
    expect: listed(expect),
    ...(never && { never }),
    run: (world) => exchange({ port: world.port, bytes: bytes(world), ...(patience_ms && { patience_ms }) }),
  };
}
