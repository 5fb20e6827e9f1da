/** The sections of a file version's body: facts, places, details of entities, links. Written and read by file.ts. */

import {
  type BaseLink,
  bindingKinds,
  type CallSite,
  type ImportBinding,
  type Links,
  type LocalBinding,
} from "../../model/links.ts";
import type { Outline } from "../../model/outline.ts";
import { type Entity, entityTypes, type Parameter } from "../../model/outline.ts";
import { type ColumnReader, ColumnWriter, damaged } from "./columns.ts";

/** What a search shows of an entity, and what its id is made of. */
export type Place = Pick<
  Entity,
  | "name"
  | "qualified"
  | "type"
  | "start_line"
  | "end_line"
  | "name_line"
  | "indent"
  | "signature"
  | "flags"
  | "overload"
>;

export interface FileFacts {
  language: string;
  lines: number;
  bytes: number;
  warnings: string[];
}

export interface FileBody extends FileFacts, Outline {}

export function writeFacts({ language, lines, bytes, warnings }: FileFacts): Buffer {
  const out = new ColumnWriter();
  out.string(language);
  out.number(lines);
  out.number(bytes);
  out.number(warnings.length);
  for (const one of warnings) out.string(one);
  return out.finish();
}

export function readFacts(from: ColumnReader): FileFacts {
  const language = from.string();
  const lines = from.number();
  const bytes = from.number();
  const warnings = from.strings(from.count());
  from.close();
  return { language, lines, bytes, warnings };
}

/** One column after the other: what is alike lies together. */
export function writePlaces(entities: readonly Entity[], parents: readonly number[]): Buffer {
  const out = new ColumnWriter();
  out.number(entities.length);
  for (const { type } of entities) out.number(entityTypes.indexOf(type));
  for (const { name } of entities) out.string(name);
  entities.forEach((entity, i) => {
    writeContainer(out, entity, { entities, parent: parents[i] ?? 0 });
  });
  let line = 0;
  for (const { start_line } of entities) {
    out.signed(start_line - line);
    line = start_line;
  }
  for (const { start_line, end_line } of entities) out.signed(end_line - start_line);
  for (const { start_line, name_line } of entities) out.signed(name_line - start_line);
  for (const { indent } of entities) out.number(indent);
  for (const { flags = 0 } of entities) out.number(flags);
  for (const { overload } of entities) writeOptional(out, overload);
  for (const { signature } of entities) writeOptional(out, signature);
  return out.finish();
}

/** 0: the name is all; a parent's number: its qualified name stands before; -1: written out. */
function writeContainer(
  out: ColumnWriter,
  { name, qualified }: Entity,
  { entities, parent }: { entities: readonly Entity[]; parent: number },
): void {
  const above = parent > 0 ? `${entities[parent - 1]!.qualified}.${name}` : "";
  if (qualified === name) out.signed(0);
  else if (qualified === above) out.signed(parent);
  else {
    out.signed(-1);
    out.string(qualified);
  }
}

function writeOptional(out: ColumnWriter, value: string | undefined): void {
  out.number(value === undefined ? 0 : 1);
  if (value !== undefined) out.string(value);
}

/** The like of `writeOptional` for what hardly comes twice. */
function writeText(out: ColumnWriter, value: string | undefined): void {
  out.number(value === undefined ? 0 : 1);
  if (value !== undefined) out.text(value);
}

const readOptional = (from: ColumnReader): string | undefined =>
  from.number() === 0 ? undefined : from.string();

export function readPlaces(from: ColumnReader): Place[] {
  const count = from.count();
  const types = from.numbers(count).map(typeOf);
  const names = from.strings(count);
  const containers = names.map(() => readContainer(from, count));
  const places: Place[] = [];
  let line = 0;
  for (let i = 0; i < count; i++) {
    line += from.signed();
    places.push({
      name: names[i]!,
      qualified: "",
      type: types[i]!,
      start_line: line,
      end_line: line,
      name_line: line,
      indent: 0,
    });
  }
  for (const place of places) place.end_line += from.signed();
  for (const place of places) place.name_line += from.signed();
  for (const place of places) place.indent = from.number();
  for (const place of places) {
    const flags = from.number();
    if (flags > 0) place.flags = flags;
  }
  for (const place of places) {
    const overload = readOptional(from);
    if (overload !== undefined) place.overload = overload;
  }
  for (const place of places) {
    const signature = readOptional(from);
    if (signature !== undefined) place.signature = signature;
  }
  from.close();
  qualify(places, containers);
  return places;
}

const typeOf = (number: number): Entity["type"] => {
  const type = entityTypes[number];
  if (type === undefined) throw damaged("an entity has no type");
  return type;
};

function readContainer(from: ColumnReader, count: number): number | string {
  const parent = from.signed();
  if (parent === -1) return from.string();
  if (parent < 0 || parent > count) throw damaged("an entity lies in none");
  return parent;
}

/** A container may stand behind what it contains; more steps than there are entities would be a circle. */
function qualify(places: Place[], containers: (number | string)[]): void {
  places.forEach((_, i) => {
    const chain: number[] = [];
    for (let at = i; places[at]!.qualified === ""; at = (containers[at] as number) - 1) {
      if (chain.push(at) > places.length) throw damaged("an entity lies in itself");
      const container = containers[at]!;
      if (container === 0 || typeof container === "string") {
        places[at]!.qualified = container === 0 ? places[at]!.name : container;
        break;
      }
    }
    for (const at of chain.reverse()) {
      const place = places[at]!;
      if (place.qualified === "")
        place.qualified = `${places[(containers[at] as number) - 1]!.qualified}.${place.name}`;
    }
  });
}

/** What only the view of one entity shows. */
export function writeDetails(entities: readonly Entity[]): Buffer {
  const out = new ColumnWriter();
  for (const { complexity } of entities) out.number(complexity === undefined ? 0 : complexity + 1);
  for (const { docstring } of entities) writeText(out, docstring);
  for (const { decorators = [] } of entities) {
    out.number(decorators.length);
    for (const one of decorators) out.string(one);
  }
  for (const { return_annotation } of entities) writeOptional(out, return_annotation);
  for (const { parameters } of entities) out.number(parameters ? 1 : 0);
  for (const { parameters } of entities) if (parameters) out.number(parameters.length);
  for (const { parameters = [] } of entities) for (const { name } of parameters) out.string(name);
  for (const { parameters = [] } of entities) for (const { type } of parameters) writeOptional(out, type);
  for (const { parameters = [] } of entities) for (const one of parameters) writeOptional(out, one.default);
  return out.finish();
}

export function readDetails(from: ColumnReader, places: readonly Place[]): Entity[] {
  const entities = places.map((place): Entity => ({ ...place }));
  for (const entity of entities) {
    const complexity = from.number();
    if (complexity > 0) entity.complexity = complexity - 1;
  }
  for (const entity of entities) {
    const docstring = readOptional(from);
    if (docstring !== undefined) entity.docstring = docstring;
  }
  for (const entity of entities) {
    const decorators = from.strings(from.count());
    if (decorators.length > 0) entity.decorators = decorators;
  }
  for (const entity of entities) {
    const returns = readOptional(from);
    if (returns !== undefined) entity.return_annotation = returns;
  }
  readParameters(from, entities);
  from.close();
  return entities;
}

function readParameters(from: ColumnReader, entities: Entity[]): void {
  const all: Parameter[] = [];
  const taking = entities.filter(() => from.number() > 0);
  for (const entity of taking) {
    entity.parameters = Array.from({ length: from.count() }, () => ({ name: "" }));
    for (const one of entity.parameters) all.push(one);
  }
  for (const one of all) one.name = from.string();
  for (const one of all) {
    const type = readOptional(from);
    if (type !== undefined) one.type = type;
  }
  for (const one of all) {
    const value = readOptional(from);
    if (value !== undefined) one.default = value;
  }
}

export function writeLinks(links: Links): Buffer {
  const out = new ColumnWriter();
  out.string(links.package);
  out.number(links.parents.length);
  for (const parent of links.parents) out.number(parent);
  writeCalls(out, links.calls);
  writeImports(out, links.imports);
  writeBases(out, links.bases);
  writeBindings(out, links.bindings);
  return out.finish();
}

/** Sources and lines of things in the order of the text: each differs little from the one before. */
function writeSites(out: ColumnWriter, sites: readonly { source: number; line: number }[]): void {
  out.number(sites.length);
  let last = 0;
  for (const { source } of sites) {
    out.signed(source - last);
    last = source;
  }
  last = 0;
  for (const { line } of sites) {
    out.signed(line - last);
    last = line;
  }
}

function readSites(from: ColumnReader, entities: number): { source: number; line: number }[] {
  const sites = Array.from({ length: from.count() }, () => ({ source: 0, line: 0 }));
  let last = 0;
  for (const site of sites) {
    last += from.signed();
    if (last < 0 || last > entities) throw damaged("a link starts nowhere");
    site.source = last;
  }
  last = 0;
  for (const site of sites) {
    last += from.signed();
    site.line = last;
  }
  return sites;
}

function writeCalls(out: ColumnWriter, calls: readonly CallSite[]): void {
  writeSites(out, calls);
  for (const { flags } of calls) out.number(flags);
  for (const { arity } of calls) out.number(arity + 1);
  for (const { name } of calls) out.string(name);
  for (const { receiver } of calls) out.string(receiver);
}

function readCalls(from: ColumnReader, entities: number): CallSite[] {
  const sites = readSites(from, entities);
  const flags = from.numbers(sites.length);
  const arities = from.numbers(sites.length);
  const names = from.strings(sites.length);
  const receivers = from.strings(sites.length);
  return sites.map(({ source, line }, i) => ({
    source,
    name: names[i]!,
    receiver: receivers[i]!,
    line,
    arity: arities[i]! - 1,
    flags: flags[i]!,
  }));
}

function writeImports(out: ColumnWriter, imports: readonly ImportBinding[]): void {
  writeSites(out, imports);
  for (const { flags } of imports) out.number(flags);
  for (const { module, imported, local } of imports) {
    out.string(module);
    out.string(imported);
    out.string(local);
  }
}

function readImports(from: ColumnReader, entities: number): ImportBinding[] {
  const sites = readSites(from, entities);
  const flags = from.numbers(sites.length);
  return sites.map(({ source, line }, i) => {
    const [module, imported, local] = from.strings(3) as [string, string, string];
    return { source, local, imported, module, line, flags: flags[i]! };
  });
}

function writeBases(out: ColumnWriter, bases: readonly BaseLink[]): void {
  writeSites(out, bases);
  for (const { type } of bases) out.number(type === "extends" ? 0 : 1);
  for (const { path, owner } of bases) {
    out.string(path);
    out.string(owner);
  }
}

function readBases(from: ColumnReader, entities: number): BaseLink[] {
  const sites = readSites(from, entities);
  const types = from.numbers(sites.length);
  return sites.map(({ source, line }, i) => {
    const path = from.string();
    const owner = from.string();
    return { source, owner, type: types[i] === 0 ? "extends" : "implements", path, line };
  });
}

function writeBindings(out: ColumnWriter, bindings: readonly LocalBinding[]): void {
  writeSites(out, bindings);
  for (const { how } of bindings) out.number(bindingKinds.indexOf(how));
  for (const { name } of bindings) out.string(name);
  for (const { type } of bindings) out.string(type);
}

function readBindings(from: ColumnReader, entities: number): LocalBinding[] {
  const sites = readSites(from, entities);
  const kinds = from.numbers(sites.length);
  const names = from.strings(sites.length);
  const types = from.strings(sites.length);
  return sites.map(({ source, line }, i) => {
    const how = bindingKinds[kinds[i]!];
    if (how === undefined) throw damaged("a variable has its type from nowhere");
    return { source, name: names[i]!, type: types[i]!, line, how };
  });
}

export function readLinks(from: ColumnReader, entities: number): Links {
  const text = from.string();
  const parents = from.numbers(from.count());
  if (parents.length !== entities || parents.some((one) => one > entities))
    throw damaged("its entities lie in none");
  const calls = readCalls(from, entities);
  const imports = readImports(from, entities);
  const bases = readBases(from, entities);
  const bindings = readBindings(from, entities);
  from.close();
  return { package: text, parents, calls, imports, bases, bindings };
}
