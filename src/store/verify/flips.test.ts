/** Every byte and every number of the tables that verify answers for, changed one at a time behind Momo's back. */
import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import { beforeEach, describe, expect, test } from "vitest";
import type { Store } from "../contract/store.ts";
import { makeEverything } from "../everything.fixture.ts";
import { alter, file, open, transact } from "../knowledge.fixture.ts";

let reader: Store;

/** As made, or with the journal dropped up to where nothing was laid over main. */
function make(isCompacted: boolean): void {
  const { main, early } = makeEverything(open());
  if (isCompacted) transact(main, (tx) => tx.compact(early), { kind: "compact" });
  main.close();
  reader = open("read");
  expect(reader.verify()).toBeUndefined();
}

interface Column {
  table: string;
  column: string;
  /** Rows that are looked at. */
  where?: string;
}

type Row = { id: SQLInputValue[]; value: SQLInputValue };

function rowsOf(database: DatabaseSync, { table, column, where = "1" }: Column): [string[], Row[]] {
  const keys = database
    .prepare(`SELECT name FROM pragma_table_info('${table}') WHERE pk > 0 ORDER BY pk`)
    .all()
    .map(({ name }) => String(name));
  const found = database.prepare(
    `SELECT ${[...keys, `${column} AS value`].map((one) => (one.includes(" ") ? one : `"${one}"`)).join(", ")}
     FROM ${table} WHERE ${where} AND ${column} IS NOT NULL`,
  );
  const rows = found.all() as Record<string, SQLInputValue>[];
  return [keys, rows.map((row) => ({ id: keys.map((key) => row[key]!), value: row.value! }))];
}

/** Sets each value in turn to each of its `changes`, which verify must find, and back. */
function expectFound(where: Column, changes: (value: SQLInputValue) => Iterable<SQLInputValue>): void {
  let count = 0;
  alter(file, (database) => {
    const { table, column } = where;
    const [keys, rows] = rowsOf(database, where);
    for (const { id, value } of rows) {
      const own = keys.map((key) => `"${key}" = ?`).join(" AND ");
      const set = database.prepare(`UPDATE ${table} SET "${column}" = ? WHERE ${own}`);
      for (const changed of changes(value)) {
        // A part of the primary key is found under its new value.
        const after = id.map((part, i) => (keys[i] === column ? changed : part));
        if (!isSet(() => set.run(changed, ...id))) continue;
        count++;
        expect(reader.verify(), `${table}.${column} of ${id.join(" ")} as ${String(changed)}`).toBeDefined();
        set.run(value, ...after);
      }
    }
  });
  expect(count).toBeGreaterThan(0);
  expect(reader.verify()).toBeUndefined();
}

/** False where SQLite itself refuses the change: that number is taken. */
function isSet(work: () => unknown): boolean {
  try {
    work();
    return true;
  } catch (error) {
    expect(String(error)).toMatch(/constraint/);
    return false;
  }
}

/** One bit of each byte, another each time. */
function* flips(value: SQLInputValue): Generator<SQLInputValue> {
  const bytes = typeof value === "string" ? Buffer.from(value) : (value as Uint8Array);
  for (let at = 0; at < bytes.length; at++) {
    const flipped = Uint8Array.from(bytes);
    flipped[at]! ^= 1 << (at % (typeof value === "string" ? 4 : 8));
    yield typeof value === "string" ? Buffer.from(flipped).toString() : flipped;
  }
}

const steps = (value: SQLInputValue): number[] => [Number(value) + 1, Number(value) - 1];

const columnsOf = (table: string, columns: string, where?: string): Column[] =>
  columns.split(" ").map((column) => ({ table, column, ...(where !== undefined && { where }) }));

/** Keys and versions whose content the store has hashed itself. */
const hashed = "SELECT vid FROM version JOIN key USING (kid) WHERE erased IS NULL AND kind <> 1";
const hashedKid = `kid IN (SELECT kid FROM version WHERE vid IN (${hashed}))`;

const flipped = [
  ...columnsOf("journal", "ops sealed", "(ops IS NULL) = (sealed IS NOT NULL)"),
  ...columnsOf("journal", "delta"),
  ...columnsOf("tx", "hash digest detail plan agent session principal request_id intent kind"),
  ...columnsOf("branch", "digest name", "branch > 1"),
  ...columnsOf("branch", "digest"),
  ...columnsOf("version", "leaf"),
  ...columnsOf("version", "body", `vid IN (${hashed})`),
  ...columnsOf("text", "bytes", `vid IN (${hashed})`),
  ...columnsOf("edge", "source type target"),
  ...columnsOf("key", "name", hashedKid),
  ...columnsOf("segment", "vids"),
  ...columnsOf("section", "name"),
];
const stepped = [
  ...columnsOf("tx", "branch at last_seq operations created updated removed"),
  ...columnsOf("branch", "seq parent base horizon"),
  ...columnsOf("head", "branch kind kid vid"),
  ...columnsOf("undone", "first last by"),
  ...columnsOf("version", "kid"),
  ...columnsOf("key", "kind", hashedKid),
  ...columnsOf("counter", "tx seq"),
  ...columnsOf("slice", "vid pack"),
  ...columnsOf("text", "vid"),
  ...columnsOf("edge", "vid"),
  ...columnsOf("segment", "sum"),
  ...columnsOf("section", "segment"),
];
const name = ({ table, column }: Column): string => `${table}.${column}`;

describe("found in the whole journal", () => {
  beforeEach(() => make(false));
  test.each(flipped.map((column) => [name(column), column] as const))(
    "a flipped bit of %s",
    (_name, column) => {
      expectFound(column, flips);
    },
  );
  test.each([...stepped, ...columnsOf("head", "seq")].map((column) => [name(column), column] as const))(
    "another number in %s",
    (_name, column) => expectFound(column, steps),
  );
});

test("found: a flipped bit in every part of the words", () => {
  make(false);
  // Each is a write of its own, and these are many bytes.
  const some = function* (value: SQLInputValue): Generator<SQLInputValue> {
    const bytes = value as Uint8Array;
    for (let at = 0; at < bytes.length; at += Math.ceil(bytes.length / 20)) {
      const flipped = Uint8Array.from(bytes);
      flipped[at]! ^= 1 << (at % 8);
      yield flipped;
    }
  };
  expectFound({ table: "section", column: "bytes" }, some);
});

describe("found in a compacted one", () => {
  beforeEach(() => make(true));
  const touched = new Set([
    "journal.ops",
    "journal.sealed",
    "journal.delta",
    "tx.digest",
    "tx.detail",
    "branch.digest",
  ]);
  test.each(
    flipped.filter((column) => touched.has(name(column))).map((column) => [name(column), column] as const),
  )("a flipped bit of %s", (_name, column) => expectFound(column, flips));
  test.each(stepped.map((column) => [name(column), column] as const))(
    "another number in %s",
    (_name, column) => expectFound(column, steps),
  );
});
