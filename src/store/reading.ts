/**
 * What a knowledge base holds, seen from one branch through one connection: the committed state, or what the open
 * transaction of the connection that writes sees. Every call reads one state. Opened by open.ts and write/writing.ts.
 * Sections come on buffers of their own, so callers may lay typed arrays over them; bodies and texts may be parts of
 * a larger one.
 */
import { MomoError } from "../errors.ts";
import { OpenPacks } from "./contents/open-packs.ts";
import { openPack } from "./contents/pack-file.ts";
import type { ScanRow, SegmentRecord, SegmentSize } from "./contract/derived.ts";
import type { EngineRecord, KeyState } from "./contract/feed.ts";
import type { HistoryFilter, JournalView, TransactionRecord } from "./contract/journal.ts";
import { kindCount, kindNumber, kindOf, mainBranch } from "./contract/kinds.ts";
import type { Content, EdgeRecord, Head, Slice, VersionContent, VersionKind } from "./contract/knowledge.ts";
import type { BranchRecord, StoreReader } from "./contract/reader.ts";
import type { Operation } from "./contract/transaction.ts";
import { changesAfter } from "./engines/feed.ts";
import { readEngines } from "./engines/records.ts";
import { type BranchView, BranchViews } from "./heads/branch.ts";
import { history, operationsOf } from "./journal/history.ts";
import { parseDetail } from "./journal/rows.ts";
import { JournalReader } from "./journal/view.ts";
import { KindDigests } from "./records/digest.ts";
import { type KnownKey, keysOf } from "./records/names.ts";
import { readSegments, segmentSizes } from "./segments/read.ts";
import type { Connection } from "./sqlite/connection.ts";

/** What readers over one connection share. */
export interface Shared {
  connection: Connection;
  views: BranchViews;
  /** Packs opened last; a result list shows versions of several. */
  packs: OpenPacks;
}

export const sharedOver = (connection: Connection): Shared => ({
  connection,
  views: new BranchViews(connection),
  packs: new OpenPacks(),
});

export class Reader implements StoreReader {
  protected readonly shared: Shared;
  protected readonly connection: Connection;
  protected readonly view: BranchView;
  readonly journal: JournalView;

  constructor(shared: Shared, branch: number) {
    this.shared = shared;
    this.connection = shared.connection;
    this.view = shared.views.of(branch);
    this.journal = new JournalReader(shared.connection, this.view);
  }

  on(branch: number): StoreReader {
    return new Reader(this.shared, branch);
  }

  get branch(): number {
    return this.view.branch;
  }

  get path(): string {
    return this.connection.file;
  }

  get encrypted(): boolean {
    return this.connection.isEncrypted;
  }

  branches(): BranchRecord[] {
    const rows = this.connection.sql(
      "SELECT branch, name, parent, base, seq, detail FROM branch WHERE parent IS NOT NULL ORDER BY branch",
    );
    return rows.all<Omit<BranchRecord, "detail"> & { detail: string | null }>().map((row) => {
      const read = parseDetail(row.detail);
      // What the store adds for itself: see write/writing.ts.
      const { made_after: _, ...detail } = read ?? {};
      if (read) return { ...row, detail };
      throw this.#damaged(`the detail of branch ${row.branch} is not readable`);
    });
  }

  erasures(): number {
    const last = this.connection.sql(
      "SELECT max(tx) AS tx FROM tx WHERE kind NOT IN ('write', 'index') AND kind = 'erase'",
    );
    return last.one<{ tx: number | null }>().tx ?? 0;
  }

  seq(): number {
    return this.view.record().seq;
  }

  snapshot<T>(work: () => T): T {
    const { connection } = this;
    if (connection.inTransaction) return work();
    connection.exec("BEGIN");
    try {
      return work();
    } finally {
      if (connection.inTransaction) connection.exec("COMMIT");
    }
  }

  head(key: string, kind?: VersionKind): Head | undefined {
    const number = kind === undefined ? null : kindNumber(kind);
    if (this.branch === mainBranch) return this.#mainHead(key, number);
    return this.snapshot(() => {
      const known = this.connection.sql(
        "SELECT kid, kind FROM key WHERE name = ?1 AND kind = ifnull(?2, kind) ORDER BY kind",
      );
      for (const row of known.all<{ kid: number; kind: number }>(key, number)) {
        const vid = this.view.find(row.kind, row.kid)?.vid;
        const version = vid ? this.#version(vid) : undefined;
        if (version?.erased === null) return { key, kind: kindOf(row.kind), vid: vid!, leaf: version.leaf };
      }
      return undefined;
    });
  }

  /** One statement: asked of every name that is written or shown. */
  #mainHead(key: string, number: number | null): Head | undefined {
    const row = this.connection
      .sql(
        `SELECT k.kind, h.vid, v.leaf FROM key k
         JOIN head h ON h.branch = ${mainBranch} AND h.kind = k.kind AND h.kid = k.kid AND h.vid > 0
         LEFT JOIN version v ON v.vid = h.vid
         WHERE k.name = ?1 AND k.kind = ifnull(?2, k.kind) AND v.erased IS NULL ORDER BY k.kind LIMIT 1`,
      )
      .get<{ kind: number; vid: number; leaf: Uint8Array | null }>(key, number);
    if (row === undefined) return undefined;
    if (row.leaf === null) throw this.#damaged(`version ${row.vid} is missing`);
    return { key, kind: kindOf(row.kind), vid: row.vid, leaf: row.leaf };
  }

  #version(vid: number): { leaf: Uint8Array; erased: number | null } {
    return this.connection.sql("SELECT leaf, erased FROM version WHERE vid = ?").one(vid);
  }

  heads(kind: VersionKind): Head[] {
    if (this.branch === mainBranch) return this.#mainHeads(kind);
    return this.snapshot(() => {
      const version = this.connection.sql(
        "SELECT k.name AS key, v.leaf FROM version v JOIN key k USING (kid) WHERE v.vid = ?",
      );
      return Array.from(this.liveVersions(kind), (vid) => ({
        ...version.one<{ key: string; leaf: Uint8Array }>(vid),
        kind,
        vid,
      }));
    });
  }

  #mainHeads(kind: VersionKind): Head[] {
    return this.connection
      .sql(
        `SELECT k.name AS key, ? AS kind, h.vid, v.leaf FROM head h
         JOIN key k ON k.kid = h.kid JOIN version v ON v.vid = h.vid
         WHERE h.branch = ${mainBranch} AND h.kind = ?`,
      )
      .all<Head>(kind, kindNumber(kind));
  }

  liveVersions(kind: VersionKind): Float64Array {
    if (this.branch !== mainBranch) return this.snapshot(() => this.#wholeVersions(this.view.live(kind)));
    // One text instead of one row object a version: 3 times as fast, and this runs at every start.
    const row = this.connection
      .sql(
        `SELECT count(*) AS count, group_concat(vid) AS vids FROM head
         WHERE branch = ${mainBranch} AND kind = ? AND vid > 0`,
      )
      .one<{ count: number; vids: string | null }>(kindNumber(kind));
    return parseNumbers(row.vids ?? "", row.count);
  }

  /** Only in main is a key whose content was erased removed. */
  #wholeVersions(live: ReadonlyMap<number, number>): Float64Array {
    const rows = this.connection.sql("SELECT vid FROM version WHERE erased IS NOT NULL");
    const erased = new Set(rows.all<{ vid: number }>().map(({ vid }) => vid));
    return Float64Array.from([...live.values()].filter((vid) => !erased.has(vid)));
  }

  /** One statement for all of them: they may be many. */
  *versions(kind: VersionKind, after: number): Generator<VersionContent> {
    const rows = this.connection.sql(
      `SELECT v.vid, k.name AS key, v.body, t.bytes AS text FROM version v JOIN key k USING (kid)
       LEFT JOIN text t USING (vid)
       WHERE v.vid > ? AND k.kind = ? AND v.erased IS NULL AND v.body IS NOT NULL ORDER BY v.vid`,
    );
    for (const row of rows.each<StoredVersion>(after, kindNumber(kind)))
      yield { ...row, text: row.text ?? undefined };
  }

  changes(after: number, limit: number): KeyState[] {
    return this.snapshot(() => changesAfter(this.connection, after, limit));
  }

  engines(): EngineRecord[] {
    return readEngines(this.connection);
  }

  engine(name: string): EngineRecord | undefined {
    return this.engines().find((record) => record.name === name);
  }

  keyOf(vid: number): string | undefined {
    const row = this.connection.sql("SELECT k.name FROM version v JOIN key k USING (kid) WHERE v.vid = ?");
    return row.get<{ name: string }>(vid)?.name;
  }

  edges(key: string, end: "source" | "target", kind: "relation" | "alias" = "relation"): EdgeRecord[] {
    return this.snapshot(() => {
      const number = kindNumber(kind);
      const rows = this.connection
        .sql(
          `SELECT e.vid, e.source, e.type, e.target, k.kid, k.name AS key FROM edge e
           JOIN version v USING (vid) JOIN key k USING (kid) WHERE e.${end} = ? AND k.kind = ? ORDER BY e.vid`,
        )
        .all<EdgeRecord & { kid: number }>(key, number);
      return rows
        .filter(({ kid, vid }) => this.view.find(number, kid)?.vid === vid)
        .map(({ key, vid, source, type, target }) => ({ key, vid, source, type, target }));
    });
  }

  body(vid: number): Uint8Array | undefined {
    return this.content(vid).body;
  }

  text(vid: number): Uint8Array | undefined {
    return this.content(vid).text;
  }

  /** One statement: a search asks for every result it shows. */
  content(vid: number): Partial<Content> {
    return this.snapshot(() => this.#content(vid));
  }

  #content(vid: number): Partial<Content> {
    const row = this.connection
      .sql(
        `SELECT v.body, v.erased, t.bytes AS text, s.pack, s.start, s.body_bytes, s.text_bytes FROM version v
         LEFT JOIN text t USING (vid) LEFT JOIN slice s USING (vid) WHERE v.vid = ?`,
      )
      .get<StoredContent>(vid);
    if (row === undefined) return {};
    const sliced: Partial<Content> = isSliced(row) ? this.#sliced(vid, row) : {};
    const body = row.erased === null ? (row.body ?? sliced.body) : undefined;
    const text = row.text ?? sliced.text;
    return { ...(body && { body }), ...(text && { text }) };
  }

  #sliced(vid: number, { pack, start, body_bytes, text_bytes }: Slice): Content {
    const bytes = this.#openPack(pack);
    const middle = start + body_bytes;
    if (middle + text_bytes > bytes.length)
      throw this.#damaged(`pack ${pack} is too short for version ${vid}`);
    return { body: bytes.subarray(start, middle), text: bytes.subarray(middle, middle + text_bytes) };
  }

  #openPack(pack: number): Uint8Array {
    const known = this.shared.packs.get(pack);
    if (known) return known;
    const { bytes } = this.connection
      .sql("SELECT bytes FROM pack WHERE pack = ?")
      .one<{ bytes: Uint8Array }>(pack);
    const opened = this.#decompress(pack, bytes);
    this.shared.packs.add(pack, opened);
    return opened;
  }

  #decompress(pack: number, bytes: Uint8Array): Uint8Array {
    try {
      const opened = openPack(bytes);
      return new Uint8Array(opened.buffer, opened.byteOffset, opened.byteLength);
    } catch (error) {
      throw this.#damaged(`pack ${pack} cannot be decompressed`, error);
    }
  }

  #damaged(reason: string, cause?: unknown): MomoError {
    return new MomoError("STORE_CORRUPT", { path: this.path, reason }, cause);
  }

  segmentSizes(): SegmentSize[] {
    return segmentSizes(this.connection);
  }

  segments(known: ReadonlyMap<number, Float64Array> = new Map()): SegmentRecord[] {
    return this.snapshot(() => readSegments(this.connection, known));
  }

  scan(): ScanRow[] {
    return this.connection
      .sql("SELECT path, size, mtime, skipped, warning FROM scan")
      .all<StoredScan>()
      .map(scanRow);
  }

  scanOf(path: string): ScanRow | undefined {
    const row = this.connection.sql("SELECT path, size, mtime, skipped, warning FROM scan WHERE path = ?");
    const found = row.get<StoredScan>(path);
    return found && scanRow(found);
  }

  skipped(): number {
    const count = this.connection.sql("SELECT count(*) AS skipped FROM scan WHERE skipped IS NOT NULL");
    return count.one<{ skipped: number }>().skipped;
  }

  meta(name: string): string | undefined {
    return this.connection.sql("SELECT value FROM meta WHERE name = ?").get<{ value: string }>(name)?.value;
  }

  history(filter: HistoryFilter = {}): TransactionRecord[] {
    return this.snapshot(() =>
      history(
        this.connection,
        { journal: this.journal, branch: this.branch, keys: this.#keysOf(filter) },
        filter,
      ),
    );
  }

  #keysOf({ key }: HistoryFilter): KnownKey[] | undefined {
    return key === undefined ? undefined : keysOf(this, key);
  }

  operations(transaction: number): Operation[] {
    return this.snapshot(() => operationsOf(this.journal, transaction));
  }

  digest(): string {
    return Buffer.from(this.#digests().total()).toString("hex");
  }

  digestOf(kind: VersionKind): string {
    return Buffer.from(this.#digests().of(kindNumber(kind)).bytes()).toString("hex");
  }

  #digests(): KindDigests {
    return new KindDigests(this.view.record().digest, kindCount);
  }
}

type StoredVersion = Omit<VersionContent, "text"> & { text: Uint8Array | null };

interface StoredContent {
  body: Uint8Array | null;
  erased: number | null;
  text: Uint8Array | null;
  pack: number | null;
}

const isSliced = (row: StoredContent): row is StoredContent & Slice => row.pack !== null;

interface StoredScan {
  path: string;
  size: number;
  mtime: number;
  skipped: string | null;
  warning: string | null;
}

const scanRow = ({ path, size, mtime, skipped, warning }: StoredScan): ScanRow => ({
  path,
  size,
  mtime,
  ...(skipped !== null && { skipped }),
  ...(warning !== null && { warning }),
});

/** "12,7,130" without a substring a number. */
function parseNumbers(text: string, count: number): Float64Array {
  const numbers = new Float64Array(count);
  let at = 0;
  let value = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 44) {
      numbers[at++] = value;
      value = 0;
    } else {
      value = value * 10 + code - 48;
    }
  }
  if (count > 0) numbers[at] = value;
  return numbers;
}
