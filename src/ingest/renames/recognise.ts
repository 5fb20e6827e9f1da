/**
 * Which files and definitions an ingest found under another id: from what left and what came in one run. Only reads;
 * git is not asked. Used by ingest.ts; record.ts writes down what is found.
 */
import type { Entity } from "../../model/outline.ts";
import type { Content, Head } from "../../store/contract/knowledge.ts";
import type { StoreReader } from "../../store/contract/reader.ts";
import { decodeBody, entityIds } from "../../store/records/file.ts";
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
    const [olds, news] = [before.map(placesOf), after.map(placesOf)];
    const had = new Set(olds.flatMap((places) => places.map(({ local }) => local)));
    const has = new Set(news.flatMap((places) => places.map(({ local }) => local)));
    before.forEach((side, i) => {
      for (const one of definitionsOf(side, olds[i]!, has)) left.push(one);
    });
    after.forEach((side, i) => {
      for (const one of definitionsOf(side, news[i]!, had)) came.push(one);
    });
  }
  return [left, came];
}

interface NamedEntity {
  local: string;
  entity: Entity;
}

function placesOf({ path, content }: Side): NamedEntity[] {
  const body = decodeBody(content.body);
  const ids = entityIds(path, body);
  return body.entities.flatMap((entity, i) => {
    // The import of a name is no definition of it.
    const isOther = entity.type === "import" || entity.type === "export";
    return isOther ? [] : [{ local: ids[i]!.slice(path.length + 1), entity }];
  });
}

/** Those that the other side has not. */
function definitionsOf(side: Side, places: NamedEntity[], others: ReadonlySet<string>): Definition[] {
  const own = places.filter(({ local }) => !others.has(local));
  if (own.length === 0) return [];
  const lines = stringOf(side.content).split("\n");
  return own.map(({ local, entity: { name, start_line, end_line } }) => ({
    id: `${side.path}#${local}`,
    path: side.path,
    local,
    name,
    text: lines.slice(start_line - 1, end_line).join("\n"),
  }));
}
