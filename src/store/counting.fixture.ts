/** Counts rows that SQLite hands over, so that a test can say that work does not grow with what it does not need. */
import { vi } from "vitest";
import { Statement } from "./sqlite/connection.ts";

/** Rows that `work` reads from all knowledge bases of this process. */
export function rowsReadBy(work: () => unknown): number {
  let rows = 0;
  const { each } = Statement.prototype;
  const spies = (["all", "columns", "get"] as const).map((name) => {
    const real = Statement.prototype[name] as (...values: unknown[]) => unknown;
    return vi.spyOn(Statement.prototype, name).mockImplementation(function (this: Statement, ...values) {
      const found = real.apply(this, values);
      rows += Array.isArray(found) ? found.length : Number(found !== undefined);
      return found as never;
    });
  });
  spies.push(
    vi.spyOn(Statement.prototype, "each").mockImplementation(function* (this: Statement, ...values) {
      for (const row of each.apply(this, values)) {
        rows++;
        yield row as never;
      }
    }) as never,
  );
  try {
    work();
    return rows;
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
