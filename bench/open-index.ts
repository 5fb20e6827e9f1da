/** The index of a labelled repository, brought up to date in a home that the next run uses again. For fit.ts and expansion.ts. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { openMomo } from "../src/momo.ts";
import { createRetriever } from "../src/retrieve/search.ts";
import type { Store } from "../src/store/contract/store.ts";
import type { LexicalIndex } from "../src/store/lexical/index.ts";
import { openStore } from "../src/store/open.ts";
import { type Repository, rootOf } from "./labelled.ts";

export async function openIndex(
  repository: Repository,
  homes: string,
): Promise<{ store: Store; index: LexicalIndex }> {
  const home = join(homes, repository.name);
  mkdirSync(home, { recursive: true });
  const momo = await openMomo({ root: rootOf(repository), home });
  await momo.ingest();
  await momo.close();
  const store = openStore(join(home, "momo.db"), { mode: "read" });
  return { store, index: createRetriever(store).index() };
}
