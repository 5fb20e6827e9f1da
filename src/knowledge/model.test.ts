/** Transactions of entries against plain Maps, over random sequences of changes, refusals, aborts and vanishing files. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { MomoError } from "../errors.ts";
import type { RelationType } from "../model/outline.ts";
import type { EntryTransaction } from "../model/rollback.ts";
import type { Store } from "../store/contract/store.ts";
import { closePlace, index, newPlace, type TestPlace } from "./place.fixture.ts";
import { listEntries, neighbors, readEntry } from "./read-entry.ts";
import { transact } from "./transact.ts";

const runs = process.env.MOMO_TEST_LONG ? 2000 : 100;

const ids = ["a", "a -calls->b", "b", "doc:a:usage"];
const ends = [...ids, "f.ts", "f.ts#f", "gone.ts#f", "never"];
const types: RelationType[] = ["calls", "references"];

interface Relation {
  source: string;
  type: RelationType;
  target: string;
  id?: string;
  metadata: Record<string, unknown>;
}

interface Model {
  entries: Map<string, { content: string; metadata: Record<string, unknown> }>;
  relations: Map<string, Relation>;
}

type Named = Omit<Relation, "metadata" | "id"> & { id?: string | undefined };

const named = ({ source, type, target, id }: Named): string => JSON.stringify([source, type, target, id]);

const relation = fc.record({
  source: fc.constantFrom(...ends),
  type: fc.constantFrom(...types),
  target: fc.constantFrom(...ends),
  id: fc.option(fc.constantFrom("1", "1 ~2"), { nil: undefined }),
});
const id = fc.constantFrom(...ids);
const number = fc.nat(2);
const action = fc.oneof(
  fc.record({ act: fc.constant("put" as const), id, number }),
  fc.record({ act: fc.constant("update" as const), id, number }),
  fc.record({ act: fc.constant("remove" as const), id }),
  fc.record({ act: fc.constant("relate" as const), relation, number }),
  fc.record({ act: fc.constant("relate" as const), relation, number }),
  fc.record({ act: fc.constant("unrelate" as const), relation }),
);
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;
const step = fc.record({
  actions: fc.array(action, { minLength: 1, maxLength: 8 }),
  end: fc.constantFrom("commit" as const, "commit" as const, "throw" as const),
  files: fc.option(fc.subarray(["f.ts", "gone.ts"]), { nil: undefined, freq: 6 }),
});

const isEnd = (model: Model, files: string[], end: string): boolean =>
  model.entries.has(end) || files.includes(end.split("#")[0]!);

/** False where the action must be refused. */
function applyToModel(model: Model, files: string[], action: Action): boolean {
  const { entries, relations } = model;
  switch (action.act) {
    case "put":
      if (action.id.startsWith("doc:") && !entries.has("a")) return false;
      entries.set(action.id, { content: `${action.number}`, metadata: { [action.number]: true } });
      if (action.id.startsWith("doc:")) {
        const documents = { source: action.id, type: "documents" as const, target: "a" };
        relations.set(named(documents), { ...documents, metadata: {} });
      }
      return true;
    case "update": {
      const before = entries.get(action.id);
      if (before) before.metadata = { ...before.metadata, number: action.number };
      return before !== undefined;
    }
    case "remove":
      entries.delete(action.id);
      for (const [key, { source, target }] of relations)
        if (source === action.id || target === action.id) relations.delete(key);
      return true;
    case "relate": {
      const { id, ...edge } = action.relation;
      if (!isEnd(model, files, edge.source) || !isEnd(model, files, edge.target)) return false;
      const related = { ...edge, ...(id !== undefined && { id }) };
      relations.set(named(related), { ...related, metadata: { number: action.number } });
      return true;
    }
    case "unrelate":
      relations.delete(named(action.relation));
      return true;
  }
}

function perform(tx: EntryTransaction, action: Action): void {
  switch (action.act) {
    case "put": {
      const content = { content: `${action.number}`, metadata: { [action.number]: true } };
      if (action.id.startsWith("doc:"))
        tx.storeDocumentation({ entity_id: "a", documentation_type: "usage", ...content });
      else tx.put({ id: action.id, type: "code", ...content });
      break;
    }
    case "update":
      tx.update(action.id, { metadata: { number: action.number } });
      break;
    case "remove":
      tx.remove(action.id);
      break;
    case "relate": {
      const { source, type, target, id } = action.relation;
      tx.relate(source, type, target, {
        metadata: { number: action.number },
        ...(id !== undefined && { id }),
      });
      break;
    }
    case "unrelate": {
      const { source, type, target, id } = action.relation;
      tx.unrelate(source, type, target, id === undefined ? {} : { id });
    }
  }
}

class Changed extends Error {}

/** Does the actions in both; each refusal must be one of the model's too. */
function run(
  place: TestPlace,
  model: Model,
  { actions, end, files }: { actions: Action[]; end: string; files: string[] },
) {
  const work = (tx: EntryTransaction): void => {
    for (const action of actions) {
      if (applyToModel(model, files, action)) perform(tx, action);
      else expect(() => perform(tx, action)).toThrow(MomoError);
    }
    if (end === "throw") throw new Changed();
  };
  if (end === "throw") expect(() => transact(place, { agent: "ann" }, work)).toThrow(Changed);
  else transact(place, { agent: "ann" }, work);
}

const about = ["documents", "entity_id", "documentation_type", "generated_at"];

function entriesOf(store: Store): Model["entries"] {
  const found = listEntries(store, {}).map(({ id }) => readEntry(store, id)!);
  return new Map(
    found.map(({ id, content, metadata }) => {
      const own = Object.entries(metadata).filter(([name]) => !about.includes(name));
      return [id, { content, metadata: Object.fromEntries(own) }];
    }),
  );
}

/** Every relation, found from either of its ends. */
function relationsFrom(store: Store, direction: "in" | "out"): Map<string, Relation> {
  const all = ends.flatMap((end) => neighbors(store, end, { direction }));
  const relations = new Map(all.map(({ missing, ...relation }) => [named(relation), relation]));
  expect(relations.size).toBe(all.length);
  return relations;
}

const copy = ({ entries, relations }: Model): Model => structuredClone({ entries, relations });

test("entries and relations are those of the model, and no relation is left without its entry", {
  timeout: 600_000,
}, () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 10 }), (steps) => {
      const place = newPlace();
      const { store } = place;
      let model: Model = { entries: new Map(), relations: new Map() };
      let files = ["f.ts"];
      index(store, { "f.ts": ["f"] });
      for (const one of steps) {
        if (one.files) {
          files = one.files;
          index(store, Object.fromEntries(files.map((path) => [path, ["f"]])));
        }
        const before = { digest: store.digest(), seq: store.seq(), model: copy(model) };
        run(place, model, { ...one, files });
        if (one.end === "throw") {
          model = before.model;
          expect([store.digest(), store.seq()]).toEqual([before.digest, before.seq]);
        }
        expect(entriesOf(store)).toEqual(model.entries);
        expect(relationsFrom(store, "out")).toEqual(model.relations);
        expect(relationsFrom(store, "in")).toEqual(model.relations);
        expect(store.heads("relation")).toHaveLength(model.relations.size);
        const missing = ends.flatMap((end) => neighbors(store, end)).filter((found) => found.missing);
        for (const found of missing) expect(files).not.toContain(found[found.missing!].split("#")[0]);
        for (const found of missing) expect(found[found.missing!]).toMatch(/\.ts/);
      }
      expect(store.verify()).toBeUndefined();
      closePlace(place);
    }),
    { numRuns: runs },
  );
});
