/**
 * The changes of a workspace for one client, in order, each exactly once, from a sequence number on. Everything is
 * read from the journal: what the service tells is only the sign to read again, so nothing can be missed or doubled
 * between what was and what comes, and a client that reads slowly costs the server one batch. Used by
 * live-connection.ts.
 */
import type { WebSocket } from "@fastify/websocket";
import type { LiveEvent, Service } from "../service/service.ts";

type Change = Extract<LiveEvent, { type: "change" }>;
export type ReadChanges = (workspace: string, after: number) => Promise<Change[]>;

/** Changes read and sent at once. */
const BATCH = 256;

/** Clients that are at the same place share a read. What was read before a change must be forgotten when it is told. */
export function shareReads(service: Pick<Service, "changes">): { read: ReadChanges; forget(): void } {
  const running = new Map<string, Promise<Change[]>>();
  async function readAnew(workspace: string, after: number): Promise<Change[]> {
    const events = await service.changes(workspace, after, BATCH);
    return events.filter((event) => event.type === "change");
  }
  return {
    read: (workspace, after) => {
      const key = `${after} ${workspace}`;
      const known = running.get(key);
      if (known) return known;
      const read = readAnew(workspace, after);
      running.set(key, read);
      const settled = () => running.get(key) === read && running.delete(key);
      read.then(settled, settled);
      return read;
    },
    forget: () => running.clear(),
  };
}

export interface FeedRequest {
  workspace: string;
  /** Sequence number that the client has. */
  after: number;
  socket: WebSocket;
  read: ReadChanges;
  /** How long the client may take to read a batch. */
  lag_ms: number;
  /** The client did not read for so long; `seq` is the last that was sent. */
  onLag(seq: number): void;
  /** Reading failed. */
  onFault(fault: unknown): void;
}

export interface Feed {
  /** Something may have changed. */
  wake(): void;
  /** All that was there in the beginning is sent, and `ready` too. */
  isReady(): boolean;
}

/** Sends texts; false when the client has not taken the last of them within the time. */
function sendAll(socket: WebSocket, texts: readonly string[], lag_ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const late = setTimeout(() => resolve(false), lag_ms);
    const taken = () => {
      clearTimeout(late);
      resolve(true);
    };
    texts.forEach((text, at) => {
      if (at < texts.length - 1) socket.send(text);
      else socket.send(text, taken);
    });
  });
}

/** Begins at once. Ends with the socket. */
export function openFeed({ workspace, after, socket, read, lag_ms, onLag, onFault }: FeedRequest): Feed {
  let seq = after;
  let isRunning = false;
  let isAsked = false;
  let isReady = false;
  const isOpen = () => socket.readyState === socket.OPEN;

  async function send(texts: readonly string[]): Promise<void> {
    if (isOpen() && !(await sendAll(socket, texts, lag_ms)) && isOpen()) onLag(seq);
  }
  async function catchUp(): Promise<void> {
    for (let isMore = true; isMore && isOpen(); ) {
      const changes = await read(workspace, seq);
      isMore = changes.length >= BATCH;
      if (changes.length === 0 || !isOpen()) continue;
      seq = changes.at(-1)!.seq;
      await send(changes.map((change) => JSON.stringify(change)));
    }
    if (isReady) return;
    isReady = true;
    await send([JSON.stringify({ type: "ready", workspace, seq })]);
  }
  async function run(): Promise<void> {
    isRunning = true;
    try {
      do {
        isAsked = false;
        await catchUp();
      } while (isAsked && isOpen());
    } catch (fault) {
      onFault(fault);
    }
    isRunning = false;
  }
  function wake(): void {
    isAsked = true;
    if (!isRunning) void run();
  }
  wake();
  return { wake, isReady: () => isReady };
}
