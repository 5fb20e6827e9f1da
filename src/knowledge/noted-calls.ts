/**
 * What a request does, as one number: so that its repetition is known from another request under the same id. Used by
 * transact.ts.
 */
import { createHash } from "node:crypto";
import { canonicalJson } from "../model/canonical-json.ts";
import type { EntryTransaction } from "../model/rollback.ts";
import type { StoreReader } from "../store/contract/reader.ts";
import { currentOf } from "../store/records/names.ts";
import { documentationId } from "./documentation.ts";

export interface NotedCalls {
  /** The same transaction, whose calls are noted before they are carried out. */
  over(tx: EntryTransaction): EntryTransaction;
  /** Hex SHA-256 of what was asked and of all calls until now, with their arguments. */
  fingerprint(): string;
}

/** `asked` is what the request says beside its calls. */
export function noteCalls(asked: unknown): NotedCalls {
  const hash = createHash("sha256").update(canonicalJson(asked));
  const note = (name: string, given: readonly unknown[]): void => {
    hash.update(`\0${canonicalJson([name, ...given])}`);
  };
  const noted = <A extends unknown[], R>(name: string, call: (...given: A) => R) => {
    return (...given: A): R => {
      note(name, given);
      return call(...given);
    };
  };
  return {
    over: (tx) => ({
      put: noted("put", (...given) => tx.put(...given)),
      update: noted("update", (...given) => tx.update(...given)),
      relate: noted("relate", (...given) => tx.relate(...given)),
      unrelate: noted("unrelate", (...given) => tx.unrelate(...given)),
      remove: noted("remove", (...given) => tx.remove(...given)),
      storeDocumentation: noted("storeDocumentation", (...given) => tx.storeDocumentation(...given)),
    }),
    fingerprint: () => hash.copy().digest("hex"),
  };
}

/** Changes nothing and says what is there now: for a request that was carried out before. */
export function answers(store: StoreReader): EntryTransaction {
  const version = (id: string): number => store.head(id, "entry")?.vid ?? 0;
  return {
    put: ({ id }) => version(id),
    update: (id) => version(id),
    relate: () => undefined,
    unrelate: () => true,
    remove: () => true,
    storeDocumentation: ({ entity_id, documentation_type }) => {
      const id = documentationId(entity_id, documentation_type);
      return currentOf(store, id)?.id ?? id;
    },
  };
}
