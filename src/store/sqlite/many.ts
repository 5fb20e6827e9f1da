/** Rows inserted many at a time: less than half the time of one by one. Used by write/ and heads/. */
import type { SQLInputValue } from "node:sqlite";
import type { Connection } from "./connection.ts";

/** Rows a statement, the most first: more than 25 save nothing. */
const SIZES = [25, 5, 1];

/** How rows go into a table: their values, and the statement for each of SIZES. */
export interface Insertion {
  width: number;
  statements: readonly string[];
}

/** `row` as in `(?, ?, NULL)`. */
export const insertionInto = (table: string, row: string): Insertion => ({
  width: row.split("?").length - 1,
  statements: SIZES.map((rows) => `INSERT INTO ${table} VALUES ${Array(rows).fill(row).join(", ")}`),
});

/** `values` of all rows, one row behind the other. */
export function insertRows(
  connection: Connection,
  { width, statements }: Insertion,
  values: readonly SQLInputValue[],
): void {
  let at = 0;
  SIZES.forEach((rows, i) => {
    const step = rows * width;
    if (at + step > values.length) return;
    const statement = connection.sql(statements[i]!);
    for (; at + step <= values.length; at += step) statement.run(...values.slice(at, at + step));
  });
}
