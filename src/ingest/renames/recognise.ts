/**
 * Which files and definitions an ingest found under another id: from what left and what came in one run. Only reads;
 * git is not asked. Used by ingest.ts; record.ts writes down what is found.
 */
import type { Content, Head } from "../../store/contract/knowledge.ts";
import type { StoreReader } from "../../store/contract/reader.ts";
import { entityIds, knownIds } from "../../store/records/entity-ids.ts";
import { decodeBody, decodePlaces } from "../../store/records/file.ts";
import type { Place } from "../../store/records/outline-columns.ts";
import type { Draft } from "../draft.ts";
import type { Findings } from "../findings.ts";
import type { FileIndexed } from "../protocol.ts";
import { type Definition, sameBody } from "./same-body.ts";
import { type Rename, sameContent } from "./same-content.ts";
import { similarText } from "./similar-text.ts";

export interface Renames {
  files: Rename[];
  /** Definitions that did not just go with their file. */
  definitions: Rename[];
  /** So much changed that nothing but whole contents was compared. */
  partly: boolean;
}

/** Contents of more files are not read: what was done to so many was not done by hand. */
const MAX_FILES = 2000;

/** A file as it was or as it is now. */
interface Side {
  path: string;
  content: Content;
}

interface Changes {
  /** Files that are gone. */
  left: Head[];
  came: FileIndexed[];
  /** Files that were there before, and have another content. */
  edited: FileIndexed[];
}

/** On the committed state that the draft was made from. */
export function recognise(store: StoreReader, draft: Draft, findings: Findings): Renames {
  const { came, edited, left } = changesOf(store, draft, findings);
  const pathOf = ({ index }: FileIndexed): string => draft.changed[index]!.path;
  const files = sameContent(
    left.map(({ key, vid, leaf }) => ({ path: key, leaf, size: sizeOf(store, draft, { key, vid }) })),
    came.map((result) => ({
      path: pathOf(result),
      hash: result.hash,
      size: draft.changed[result.index]!.size,
    })),
  );
  const [moved, taken] = [new Set(files.map(({ from }) => from)), new Set(files.map(({ to }) => to))];
  const rest: Changes = {
    left: left.filter(({ key }) => !moved.has(key)),
    came: came.filter((result) => !taken.has(pathOf(result))),
    edited,
  };
  if (rest.left.length + edited.length === 0) return { files, definitions: [], partly: false };
  const read = findings.reading();
  if (!read || rest.left.length + rest.came.length + edited.length > MAX_FILES)
    return { files, definitions: [], partly: true };
  const before = (head: Head | undefined): Side[] => sideOf(head?.key ?? "", store.content(head?.vid ?? 0));
  const after = (result: FileIndexed): Side[] => sideOf(pathOf(result), read(result));
  const gone = rest.left.flatMap(before);
  const fresh = rest.came.flatMap(after);
  const similar = similarText(gone.map(textOf), fresh.map(textOf));
  const pairs = edited.map((result): Pair => {
    const path = pathOf(result);
    return { before: before(store.head(path, "file")), after: after(result) };
  });
  const definitions = sameBody(...moving([...pairs, ...joined({ gone, fresh }, similar)]));
  return { files: [...files, ...similar], definitions, partly: false };
}

function changesOf(store: StoreReader, { gone, tasks }: Draft, { results }: Findings): Changes {
  const indexed = results.filter((result) => result.outcome === "indexed");
  const isNew = ({ index }: FileIndexed): boolean => tasks[index]!.known === undefined;
  return {
    left: gone.flatMap((path) => store.head(path, "file") ?? []),
    came: indexed.filter(isNew),
    edited: indexed.filter((result) => !isNew(result)),
  };
}

/** As the last scan saw it; of what was brought back since, as it was then. */
function sizeOf(store: StoreReader, { before }: Draft, { key, vid }: Pick<Head, "key" | "vid">): number {
  const row = before.get(key);
  if (row && row.mtime > 0) return row.size;
  const body = store.body(vid);
  return body ? decodeBody(body).bytes : 0;
}

const sideOf = (path: string, { body, text }: Partial<Content>): Side[] =>
  body && text ? [{ path, content: { body, text } }] : [];

const stringOf = ({ text = new Uint8Array() }: Content): string =>
  Buffer.from(text.buffer, text.byteOffset, text.byteLength).toString();

const textOf = ({ path, content }: Side): { path: string; text: string } => ({
  path,
  text: stringOf(content),
});

/** A file before and after, under one name or two; one of them alone where it left or came. */
interface Pair {
  before: Side[];
  after: Side[];
}

function joined({ gone, fresh }: { gone: Side[]; fresh: Side[] }, similar: readonly Rename[]): Pair[] {
  const targets = new Map(similar.map(({ from, to }) => [from, to]));
  const sides = new Map(fresh.map((side) => [side.path, side]));
  const pairs = gone.map((side): Pair => {
    const to = sides.get(targets.get(side.path) ?? "");
    if (to) sides.delete(to.path);
    return { before: [side], after: to ? [to] : [] };
  });
  return [...pairs, ...Array.from(sides.values(), (side): Pair => ({ before: [], after: [side] }))];
}

/** Definitions that are on one side only. */
function moving(pairs: readonly Pair[]): [left: Definition[], came: Definition[]] {
  const [left, came]: [Definition[], Definition[]] = [[], []];
  for (const { before, after } of pairs) {
    const [olds, news] = [before.map(outlineOf), after.map(outlineOf)];
    for (const old of olds) for (const one of missingIn(news, old)) left.push(one);
    for (const fresh of news) for (const one of missingIn(olds, fresh)) came.push(one);
  }
  return [left, came];
}

interface SideOutline extends Side {
  places: Place[];
  /** Of each place its id without the file. */
  locals: string[];
  /** Every other id that names one of them, too. */
  known: ReadonlySet<string>;
}

function outlineOf({ path, content }: Side): SideOutline {
  const places = decodePlaces(content.body);
  const localOf = (id: string): string => id.slice(path.length + 1);
  const locals = entityIds(path, places).map(localOf);
  return { path, content, places, locals, known: new Set([...knownIds(path, places).keys()].map(localOf)) };
}

/** Those whose id names nothing on the other side. */
function missingIn(
  others: readonly SideOutline[],
  { path, content, places, locals }: SideOutline,
): Definition[] {
  const own = places.flatMap((place, i) => {
    // The import of a name is no definition of it.
    const isOther = place.type === "import" || place.type === "export";
    const isThere = others.some(({ known }) => known.has(locals[i]!));
    return isOther || isThere ? [] : [{ ...place, local: locals[i]! }];
  });
  if (own.length === 0) return [];
  const lines = stringOf(content).split("\n");
  return own.map(({ local, name, start_line, end_line }) => ({
    id: `${path}#${local}`,
    path,
    local,
    name,
    text: lines.slice(start_line - 1, end_line).join("\n"),
  }));
}
