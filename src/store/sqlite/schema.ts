/**
 * The tables of a knowledge base and how an older file becomes a current one. Used by sqlite/open.ts.
 * Add a migration, never edit one that was released: files that it made exist.
 */

/** "Momo" in ASCII, in the header of every file of ours (PRAGMA application_id). */
export const applicationId = 0x4d_6f_6d_6f;

/**
 * Schema version N is what the first N entries make. What outlives a release:
 * - `version` rows are immutable and a vid never comes back: postings, vectors and undo name versions by it.
 * - Content lies in the row (`body`, and `text` beside it) or, for files, as a `slice` of a compressed `pack` of many.
 * - `head` is the only mutable knowledge. A removed key keeps its row with vid 0, so that the last operation on a
 *   key is found without reading the journal, and so that a branch laid over another can say "removed here".
 *   `kind` leads the key of `head` because "all live files" is asked at every start.
 * - `tx` is the header of a transaction; its operations are packed in `journal`, so old operations can be dropped
 *   while the headers stay. `hash` covers both by their own hashes (see chain.ts), for the same reason.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE key (kid INTEGER PRIMARY KEY, kind INTEGER NOT NULL, name TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE version (vid INTEGER PRIMARY KEY, kid INTEGER NOT NULL, hash BLOB NOT NULL, body BLOB) STRICT;
  CREATE TABLE pack (pack INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
  CREATE TABLE slice (
    vid INTEGER PRIMARY KEY, pack INTEGER NOT NULL,
    start INTEGER NOT NULL, body_bytes INTEGER NOT NULL, text_bytes INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE text (vid INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;

  CREATE TABLE branch (branch INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, digest BLOB NOT NULL) STRICT;
  CREATE TABLE head (
    branch INTEGER NOT NULL, kind INTEGER NOT NULL, kid INTEGER NOT NULL, vid INTEGER NOT NULL, seq INTEGER NOT NULL,
    PRIMARY KEY (branch, kind, kid)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE tx (
    tx INTEGER PRIMARY KEY, branch INTEGER NOT NULL, kind TEXT NOT NULL, at INTEGER NOT NULL,
    agent TEXT NOT NULL, session TEXT, principal TEXT, request_id TEXT, intent TEXT,
    last_seq INTEGER NOT NULL, operations INTEGER NOT NULL,
    created INTEGER NOT NULL, updated INTEGER NOT NULL, removed INTEGER NOT NULL,
    digest BLOB NOT NULL, hash BLOB NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX tx_request ON tx (agent, request_id) WHERE request_id IS NOT NULL;
  CREATE TABLE journal (tx INTEGER PRIMARY KEY, ops BLOB NOT NULL) STRICT;

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
    tx INTEGER NOT NULL, seq INTEGER NOT NULL, kid INTEGER NOT NULL, vid INTEGER NOT NULL, segment INTEGER NOT NULL, pack INTEGER NOT NULL
  ) STRICT;
  INSERT INTO counter VALUES (1, 0, 0, 0, 0, 0, 0);
  INSERT INTO branch VALUES (1, 'main', zeroblob(32));
  `,
];

/** The branch that every call without another one means. */
export const mainBranch = 1;
