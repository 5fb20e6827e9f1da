/** Small wrong changes inside the SQL of a text: a condition that always holds, a boundary moved. Used by edits.ts. */
import type { Edit } from "./edits.ts";

const STATEMENT = /\b(?:SELECT|INSERT|UPDATE|DELETE|WHERE)\b/;
const CONDITION = /\b(?:AND|WHERE|ON)\s+(?!CONFLICT)/g;
/** Ends a condition where no bracket is open. */
const END =
  /^(?:AND|OR|ORDER|GROUP|LIMIT|RETURNING|UNION|LEFT|JOIN|WHERE|ON|INSERT|DELETE|UPDATE|WHEN|THEN)\b/;
const BOUNDARIES: readonly [pattern: RegExp, text: string][] = [
  [/(?<=\s)<=(?=\s)/g, "<"],
  [/(?<=\s)>=(?=\s)/g, ">"],
  [/(?<=\s)<(?=\s)/g, "<="],
  [/(?<=\s)>(?=\s)/g, ">="],
  [/\bDESC\b/g, "ASC"],
];

/** Edits of a string or template literal that holds SQL, by its place in the source. */
export function sqlEdits(source: string, { start, end }: { start: number; end: number }): Edit[] {
  const sql = source.slice(start, end);
  if (!STATEMENT.test(sql)) return [];
  const boundaries = BOUNDARIES.flatMap(([pattern, text]) =>
    [...sql.matchAll(pattern)].map(
      ({ 0: own, index }): Edit => ({
        kind: "SQL boundary",
        start: start + index,
        end: start + index + own.length,
        text,
      }),
    ),
  );
  return [...boundaries, ...conditions(sql, start)];
}

/** The condition stays, with its parameters, but holds for every row. */
function conditions(sql: string, at: number): Edit[] {
  return [...sql.matchAll(CONDITION)].flatMap(({ 0: word, index }): Edit[] => {
    const isOfBetween = /\bBETWEEN\s+\S+\s+$/.test(sql.slice(0, index));
    const from = index + word.length;
    const to = endOf(sql, from);
    const condition = sql.slice(from, to).trimEnd();
    if (isOfBetween || condition === "") return [];
    return [
      {
        kind: "SQL condition",
        start: at + from,
        end: at + from + condition.length,
        text: `(TRUE OR ${condition})`,
      },
    ];
  });
}

function endOf(sql: string, from: number): number {
  let depth = 0;
  let between = false;
  // The last letter is the quote of the literal.
  const last = sql.length - 1;
  for (let i = from; i < last; i++) {
    const letter = sql[i]!;
    if (letter === "(" || letter === "{") depth++;
    else if (letter === ")" || letter === "}") depth--;
    if (depth < 0 || (depth === 0 && letter === ";")) return i;
    if (depth > 0 || /\w/.test(sql[i - 1]!)) continue;
    if (sql.startsWith("BETWEEN", i)) between = true;
    else if (between && sql.startsWith("AND", i)) between = false;
    else if (END.test(sql.slice(i, i + 12))) return i;
  }
  return last;
}
