/** How far each engine has come, as the file keeps it. Used by open.ts and reading.ts. */
import type { EngineRecord } from "../contract/feed.ts";
import type { Connection } from "../sqlite/connection.ts";

interface Row extends Omit<EngineRecord, "error" | "retry_at"> {
  error: string | null;
  retry_at: number | null;
}

/** The one that is furthest behind first. */
export function readEngines(connection: Connection): EngineRecord[] {
  const rows = connection.sql(
    "SELECT name, seq, revision, state, attempts, error, reached_at, retry_at FROM engine ORDER BY seq, name",
  );
  return rows.all<Row>().map(({ error, retry_at, ...row }) => ({
    ...row,
    ...(error !== null && { error }),
    ...(retry_at !== null && { retry_at }),
  }));
}

/** Two processes may deliver to one engine: the one that is behind moves nothing back. */
export function writeEngine(connection: Connection, record: EngineRecord): void {
  const { name, seq, revision, state, attempts, error = null, reached_at, retry_at = null } = record;
  connection
    .sql(
      `INSERT INTO engine VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET
         seq = max(seq, excluded.seq), revision = excluded.revision, state = excluded.state,
         attempts = excluded.attempts, error = excluded.error, reached_at = max(reached_at, excluded.reached_at),
         retry_at = excluded.retry_at`,
    )
    .run(name, seq, revision, state, attempts, error, reached_at, retry_at);
}

export function forgetEngine(connection: Connection, name: string): void {
  connection.sql("DELETE FROM engine WHERE name = ?").run(name);
}
