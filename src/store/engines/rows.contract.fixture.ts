/**
 * What every engine that keeps rows must do to follow, as tests. An adapter's own test is a call of it:
 *
 *     rowEngineContract({ name: "the engine of the tests", open: async () => new MemoryRows(), rowOf: documentRow });
 *
 * Used by the tests of the adapters.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { VersionKind } from "../contract/knowledge.ts";
import type { Held, RowEngine, VersionRow } from "../contract/rows.ts";
import { keyUuid, prefixOf } from "./key-id.ts";

export interface RowContract<Row extends VersionRow> {
  name: string;
  /** A new, empty engine. */
  open: () => Promise<RowEngine<Row>>;
  /** A row of the engine's own kind that says this of itself. */
  rowOf: (row: VersionRow) => Row;
  /** Tests, by a part of their name, that an adapter cannot pass, and why; reported as skipped. */
  skip?: Readonly<Record<string, string>>;
}

/** A version of a key; its mark is of the size that marks have. */
const versionRow = ({
  key,
  vid,
  kind = "file",
  seq = vid,
}: Partial<VersionRow> & { key: string; vid: number }) => ({
  vid,
  id: keyUuid(kind, key),
  key,
  kind,
  seq,
  mark: 2 ** 39 + vid * 1_000_003,
});
const heldOf = ({ id, key, vid, seq, mark }: VersionRow): Held => ({ id, key, vid, seq, mark });
const byVid = (a: { vid: number }, b: { vid: number }): number => a.vid - b.vid;
const everything = { under: [""], digits: 2 };

/** What `digests` must say of rows. */
function ranges(rows: readonly VersionRow[], digits: number): [prefix: string, count: number, sum: bigint][] {
  const groups = Map.groupBy(rows, ({ id }) => prefixOf(id, digits));
  return Array.from(groups, ([prefix, own]): [string, number, bigint] => [
    prefix,
    own.length,
    own.reduce((sum, { mark }) => sum + BigInt(mark), 0n),
  ]).toSorted();
}

export function rowEngineContract<Row extends VersionRow>(contract: RowContract<Row>): void {
  const { name, open, rowOf, skip = {} } = contract;
  const test = (title: string, work: (engine: RowEngine<Row>) => Promise<void>): void => {
    const reason = Object.entries(skip).find(([part]) => title.includes(part))?.[1];
    it(title, async (context) => {
      if (reason !== undefined) context.skip(reason);
      await work(await open());
    });
  };
  const many = (count: number, kind: VersionKind = "file"): VersionRow[] =>
    Array.from({ length: count }, (_, i) => versionRow({ key: `${kind}/${i}`, vid: i + 1, kind }));

  describe(`${name}, as every engine that follows`, () => {
    test("says what it has of a key, every version of it, and nothing of others", async (engine) => {
      const [old, now, other] = [
        versionRow({ key: "a", vid: 1 }),
        versionRow({ key: "a", vid: 2 }),
        versionRow({ key: "b", vid: 3 }),
      ];
      await engine.upsert([old, now, other].map(rowOf));
      const held = await engine.held([old.id, keyUuid("file", "never")]);
      expect(held.toSorted(byVid)).toEqual([heldOf(old), heldOf(now)]);
      await engine.remove([1, 99]);
      expect(await engine.held([old.id, other.id])).toHaveLength(2);
      expect([await engine.held([]), await engine.held([keyUuid("entry", "a")])]).toEqual([[], []]);
    });

    test("is as it was after a row is written again, and takes a newer number", async (engine) => {
      const row = versionRow({ key: "a", vid: 1 });
      await engine.upsert([rowOf(row)]);
      await engine.upsert([rowOf(row)]);
      expect(await engine.held([row.id])).toEqual([heldOf(row)]);
      await engine.upsert([rowOf({ ...row, seq: 9 })]);
      expect(await engine.held([row.id])).toEqual([{ ...heldOf(row), seq: 9 }]);
    });

    test("adds up ranges of one kind, and lists what lies in them", async (engine) => {
      const files = many(400);
      const entries = many(30, "entry").map((row) => ({ ...row, vid: row.vid + 1000 }));
      await engine.upsert([...files, ...entries].map(rowOf));
      const told = async (range: { under: string[]; digits: number }): Promise<unknown> =>
        (await engine.digests("file", range))
          .map(({ prefix, count, sum }) => [prefix, count, sum])
          .toSorted();
      expect(await told(everything)).toEqual(ranges(files, 2));
      const under = ["00", "7f", "ff"];
      const some = files.filter(({ id }) => under.includes(prefixOf(id, 2)));
      expect(await told({ under, digits: 4 })).toEqual(ranges(some, 4));
      expect((await engine.list("file", under)).toSorted(byVid)).toEqual(some.map(heldOf).toSorted(byVid));
      expect((await engine.list("entry", [""])).toSorted(byVid)).toEqual(entries.map(heldOf));
      expect([await engine.digests("relation", everything), await engine.list("file", [])]).toEqual([[], []]);
    });

    test("agrees with a plain list through any writes and removals", async (engine) => {
      const list = new Map<number, VersionRow>();
      const step = fc.record({
        upsert: fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 5 }),
        remove: fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 3 }),
      });
      await fc.assert(
        fc.asyncProperty(step, async ({ upsert, remove }) => {
          // A version belongs to one key for ever.
          const rows = upsert.map((vid) => versionRow({ key: ["a", "b", "c'\"", "ü"][vid % 4]!, vid }));
          await engine.upsert(rows.map(rowOf));
          for (const row of rows) list.set(row.vid, row);
          await engine.remove(remove);
          for (const vid of remove) list.delete(vid);
          const all = await engine.list("file", [""]);
          expect(all.toSorted(byVid)).toEqual([...list.values()].map(heldOf).toSorted(byVid));
        }),
        { numRuns: 40 },
      );
    });
  });
}
