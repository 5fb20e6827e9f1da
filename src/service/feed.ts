/**
 * Watches what other connections, threads and processes commit to the knowledge bases, and tells it in the order it
 * happened: looks whether the file changed a few times a second, and reads what is new by sequence number. Used by
 * create.ts.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { DATABASE } from "../momo.ts";
import type { TransactionRecord } from "../store/contract/journal.ts";
import type { Store } from "../store/contract/store.ts";
import { openStore } from "../store/open.ts";
import type { LiveEvent, Workspace } from "./service.ts";

/** How often it looks. A look that finds nothing costs some microseconds. */
const LOOK_MS = 100;
const PAGE = 500;

export interface Feed {
  changes(workspace: Workspace, after: number, limit: number): LiveEvent[];
  /** The number of the last operation. */
  seq(workspace: Workspace): number;
  /** The same text while nothing was committed; undefined where there is no knowledge base yet. */
  state(workspace: Workspace): string | undefined;
  close(): void;
}

interface Watched {
  workspace: Workspace;
  store: Store | undefined;
  changed: string | undefined;
  seq: number;
}

function changeOf({ name }: Workspace, record: TransactionRecord): LiveEvent {
  const { seq, transaction, agent, kind, intent, at, operations } = record;
  return {
    type: "change",
    workspace: name,
    seq,
    transaction,
    agent,
    kind,
    at,
    operations,
    ...(intent !== undefined && { intent }),
  } as const;
}

export function createFeed(workspaces: readonly Workspace[], tell: (event: LiveEvent) => void): Feed {
  const watched = workspaces.map(
    (workspace): Watched => ({ workspace, store: undefined, changed: undefined, seq: 0 }),
  );
  const storeOf = (one: Watched): Store | undefined => {
    const file = join(one.workspace.home, DATABASE);
    if (!one.store && existsSync(file)) one.store = openStore(file, { mode: "read" });
    return one.store;
  };
  const find = ({ name }: Workspace): Watched => watched.find(({ workspace }) => workspace.name === name)!;
  const look = (one: Watched): void => {
    const store = storeOf(one);
    const changed = store?.changed();
    if (!store || changed === one.changed) return;
    one.changed = changed;
    for (let found = PAGE; found === PAGE; ) {
      const records = store.history({ after: one.seq, limit: PAGE });
      found = records.length;
      one.seq = records.at(-1)?.seq ?? one.seq;
      for (const record of records) tell(changeOf(one.workspace, record));
    }
  };
  for (const one of watched) {
    one.seq = storeOf(one)?.seq() ?? 0;
    one.changed = one.store?.changed();
  }
  const timer = setInterval(() => {
    for (const one of watched) lookSafely(one, look);
  }, LOOK_MS);
  timer.unref();
  return {
    changes: (workspace, after, limit) =>
      (storeOf(find(workspace))?.history({ after, limit }) ?? []).map((record) =>
        changeOf(workspace, record),
      ),
    seq: (workspace) => storeOf(find(workspace))?.seq() ?? 0,
    state: (workspace) => storeOf(find(workspace))?.changed(),
    close: () => {
      clearInterval(timer);
      for (const { store } of watched) store?.close();
    },
  };
}

/** A file that cannot be read now is looked at again; whoever asks for something hears why it cannot be had. */
function lookSafely(one: Watched, look: (one: Watched) => void): void {
  try {
    look(one);
  } catch {
    one.store?.close();
    one.store = undefined;
  }
}
