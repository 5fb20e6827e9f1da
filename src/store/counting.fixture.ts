/** Counts what SQLite is asked and hands over, so that a test can say that work does not grow with what it does not need. */
import { vi } from "vitest";
import { Connection, Statement } from "./sqlite/connection.ts";

export interface Asked {
  rows: number;
  /** How often a statement was run, by its text. */
  runs: Map<string, number>;
}

/** Of all knowledge bases of this process. */
export function askedBy(work: () => unknown): Asked {
  const asked: Asked = { rows: 0, runs: new Map() };
  const texts = new WeakMap<Statement, string>();
  const { sql } = Connection.prototype;
  const count = (statement: Statement): void => {
    const text = texts.get(statement) ?? "";
    asked.runs.set(text, (asked.runs.get(text) ?? 0) + 1);
  };
  const spies = [
    vi.spyOn(Connection.prototype, "sql").mockImplementation(function (this: Connection, text) {
      const statement = sql.call(this, text);
      texts.set(statement, text);
      return statement;
    }),
    ...(["all", "columns", "get", "run"] as const).map((name) => {
      const real = Statement.prototype[name] as (...values: unknown[]) => unknown;
      return vi.spyOn(Statement.prototype, name).mockImplementation(function (
        this: Statement,
        ...values: unknown[]
      ) {
        count(this);
        const found = real.apply(this, values);
        asked.rows += Array.isArray(found) ? found.length : Number(found !== undefined);
        return found as never;
      });
    }),
  ];
  const { each } = Statement.prototype;
  const eachSpy = vi.spyOn(Statement.prototype, "each").mockImplementation(function* (
    this: Statement,
    ...values
  ) {
    count(this);
    for (const row of each.apply(this, values)) {
      asked.rows++;
      yield row as never;
    }
  });
  try {
    work();
    return asked;
  } finally {
    for (const spy of [...spies, eachSpy]) spy.mockRestore();
  }
}

export const rowsReadBy = (work: () => unknown): number => askedBy(work).rows;

/** How often statements with these words in them were run. */
export function runsBy(work: () => unknown, words: RegExp): number {
  let runs = 0;
  for (const [text, count] of askedBy(work).runs) if (words.test(text)) runs += count;
  return runs;
}
