/**
 * Drops what is older than the retention policy keeps, in a thread of its own. Started by session.ts after a write. The
 * room that becomes free in the file is used again; `momo audit compact` gives it back to the disk.
 */
import { workerData } from "node:worker_threads";
import { openStore } from "../store/open.ts";
import { compact, isCompactionDue } from "./retention.ts";

const { file, wait_ms, keep_days } = workerData as { file: string; wait_ms: number; keep_days: number };
const store = openStore(file, { mode: "write", wait_ms });
try {
  const by = { agent: "momo", intent: `older than ${keep_days} days` };
  if (isCompactionDue(store, keep_days)) compact(store, { keep_days }, by);
} finally {
  store.close();
}
