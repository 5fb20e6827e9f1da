/**
 * Merges large segments in a thread of its own, over its own connection to the file. Started by session.ts after a
 * write. Whatever ends it in the middle, a kill too, leaves the segments as they were: the next write starts it again.
 */
import { workerData } from "node:worker_threads";
import { openStore } from "../open.ts";
import { prepareMerge, storeMerge } from "./tidy.ts";

const { file, wait_ms } = workerData as { file: string; wait_ms: number };
const store = openStore(file, { mode: "write", wait_ms });
try {
  // What others merge or write meanwhile makes for another look.
  for (let next = prepareMerge(store); next !== undefined; next = prepareMerge(store))
    storeMerge(store, next);
} finally {
  store.close();
}
