/**
 * The tables of a knowledge base and how an older file becomes a current one. Used by sqlite/open.ts.
 * Add a migration, never edit one that was released: files that it made exist.
 */

/** "Momo" in ASCII, in the header of every file of ours (PRAGMA application_id). */
export const applicationId = 0x4d_6f_6d_6f;

/**
 * Schema version N is what the first N entries make. What outlives a release:
 * - `version` rows are immutable and a vid never comes back: postings, vectors, edges and undo name versions by it.
 *   `leaf` is SHA-256(key, content hash): what the digest adds up, so that moving a head back hashes nothing.
 * - Content lies in the row (`body`, and `text` beside it) or, for files, as a `slice` of a compressed `pack` of many.
 *   `erased` content is gone for good; its leaf stays, so that the chain still verifies.
 * - `head` is the only mutable knowledge. A removed key keeps its row with vid 0, so that the last operation on a
 *   key is found without reading the journal, and so that a branch laid over another can say "removed here".
 *   `kind` leads the key of `head` because "all live files" is asked at every start.
 * - `tx` is the header of a transaction; its operations are packed in `journal`, so old operations can be dropped
 *   (`sealed` then keeps their hash) while the headers stay. `delta` is what they did to the digest, and goes with
 *   them; null where an older Momo wrote them.
 * - `undone` says which writes do not count now, by ranges of sequence numbers that never overlap, and which
 *   transaction took them back. It follows from `tx.detail`, as `head` follows from the operations.
 * - A `key` is a kind and a name. Its number never comes back, but its row goes when nothing names it any more.
 * - `request` remembers what was asked once, and the answer; `origin` finds the merges that brought home what a
 *   transaction of another branch wrote (`detail.origins`).
 * - `engine` says how far each copy elsewhere has come: compaction keeps what one has not got yet.
 * - `staged` names packs and sections that belong to nothing yet: a run that still reads will adopt them, or not.
 * - A `branch` lies over its parent as the parent was at sequence number `base`. `digest` holds one sum a kind.
 */
export const migrations: readonly string[] = [
  // Schema 1 was never released. It held nothing but what indexing makes again.
  "",
  `
  ${["key", "version", "pack", "slice", "text", "branch", "head", "tx", "journal", "segment", "section", "scan", "meta", "counter"].map((table) => `DROP TABLE IF EXISTS ${table};`).join(" ")}
  CREATE TABLE key (kid INTEGER PRIMARY KEY, kind INTEGER NOT NULL, name TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE version (
    vid INTEGER PRIMARY KEY, kid INTEGER NOT NULL, leaf BLOB NOT NULL, body BLOB, erased INTEGER
  ) STRICT;
  CREATE TABLE pack (pack INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
  CREATE TABLE slice (
    vid INTEGER PRIMARY KEY, pack INTEGER NOT NULL,
    start INTEGER NOT NULL, body_bytes INTEGER NOT NULL, text_bytes INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE text (vid INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
  CREATE TABLE edge (vid INTEGER PRIMARY KEY, source TEXT NOT NULL, type TEXT NOT NULL, target TEXT NOT NULL) STRICT;
  CREATE INDEX edge_source ON edge (source);
  CREATE INDEX edge_target ON edge (target);

  CREATE TABLE branch (
    branch INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, digest BLOB NOT NULL, seq INTEGER NOT NULL,
    parent INTEGER, base INTEGER NOT NULL, horizon INTEGER NOT NULL, detail TEXT
  ) STRICT;
  CREATE TABLE head (
    branch INTEGER NOT NULL, kind INTEGER NOT NULL, kid INTEGER NOT NULL, vid INTEGER NOT NULL, seq INTEGER NOT NULL,
    PRIMARY KEY (branch, kind, kid)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE tx (
    tx INTEGER PRIMARY KEY, branch INTEGER NOT NULL, kind TEXT NOT NULL, at INTEGER NOT NULL,
    agent TEXT NOT NULL, session TEXT, principal TEXT, request_id TEXT, intent TEXT,
    last_seq INTEGER NOT NULL, operations INTEGER NOT NULL,
    created INTEGER NOT NULL, updated INTEGER NOT NULL, removed INTEGER NOT NULL,
    detail TEXT, plan TEXT,
    digest BLOB NOT NULL, hash BLOB NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX tx_request ON tx (agent, request_id) WHERE request_id IS NOT NULL;
  CREATE UNIQUE INDEX tx_plan ON tx (plan) WHERE plan IS NOT NULL;
  CREATE INDEX tx_seq ON tx (last_seq);
  CREATE INDEX tx_agent ON tx (agent);
  CREATE INDEX tx_branch ON tx (branch) WHERE branch <> 1;
  CREATE INDEX tx_special ON tx (kind) WHERE kind NOT IN ('write', 'index');
  CREATE TABLE journal (tx INTEGER PRIMARY KEY, ops BLOB, sealed BLOB) STRICT;
  CREATE TABLE undone (first INTEGER PRIMARY KEY, last INTEGER NOT NULL, by INTEGER NOT NULL) STRICT;
  CREATE TABLE read (vid INTEGER, tx INTEGER, declared INTEGER NOT NULL, PRIMARY KEY (vid, tx)) STRICT, WITHOUT ROWID;
  CREATE TABLE cursor (name TEXT PRIMARY KEY, seq INTEGER NOT NULL, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE segment (segment INTEGER PRIMARY KEY, vids BLOB NOT NULL) STRICT;
  CREATE TABLE section (
    segment INTEGER NOT NULL, name TEXT NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (segment, name)
  ) STRICT;

  CREATE TABLE scan (
    path TEXT PRIMARY KEY, size INTEGER NOT NULL, mtime REAL NOT NULL, skipped TEXT, warning TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE counter (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    tx INTEGER NOT NULL, seq INTEGER NOT NULL, kid INTEGER NOT NULL, vid INTEGER NOT NULL,
    segment INTEGER NOT NULL, pack INTEGER NOT NULL, branch INTEGER NOT NULL
  ) STRICT;
  INSERT INTO counter VALUES (1, 0, 0, 0, 0, 0, 0, 1);
  INSERT INTO branch VALUES (1, 'main', x'', 0, NULL, 0, 0, NULL);
  `,
  // What a redo brings back has to be asked what it was derived from, and a segment whether it is as it was written.
  "CREATE INDEX read_tx ON read (tx); ALTER TABLE segment ADD COLUMN sum INTEGER;",
  // Things of two kinds may have one name; a request belongs to a branch and has a content; what is staged waits.
  `
  CREATE TABLE key_4 (kid INTEGER PRIMARY KEY, kind INTEGER NOT NULL, name TEXT NOT NULL, UNIQUE (name, kind)) STRICT;
  INSERT INTO key_4 SELECT kid, kind, name FROM key;
  DROP TABLE key;
  ALTER TABLE key_4 RENAME TO key;
  CREATE TABLE request (
    branch INTEGER NOT NULL, agent TEXT NOT NULL, request_id TEXT NOT NULL,
    fingerprint TEXT, tx INTEGER NOT NULL, answer TEXT, PRIMARY KEY (branch, agent, request_id)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO request SELECT branch, agent, request_id, NULL, tx, NULL FROM tx
    WHERE request_id IS NOT NULL AND branch IN (SELECT branch FROM branch);
  DROP INDEX tx_request;
  CREATE TABLE origin ("of" INTEGER NOT NULL, tx INTEGER NOT NULL, PRIMARY KEY ("of", tx)) STRICT, WITHOUT ROWID;
  CREATE TABLE staged (
    stage INTEGER NOT NULL, pack INTEGER, segment INTEGER, documents INTEGER, sum INTEGER, at INTEGER NOT NULL
  ) STRICT;
  ALTER TABLE counter ADD COLUMN stage INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE journal ADD COLUMN delta BLOB;
  CREATE TABLE engine (
    name TEXT PRIMARY KEY, seq INTEGER NOT NULL, revision INTEGER NOT NULL, state TEXT NOT NULL,
    attempts INTEGER NOT NULL, error TEXT, reached_at INTEGER NOT NULL, retry_at INTEGER
  ) STRICT, WITHOUT ROWID;
  INSERT INTO engine SELECT name, seq, 0, 'resyncing', 0, NULL, at, NULL FROM cursor;
  DROP TABLE cursor;
  `,
];
