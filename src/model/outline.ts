/**
 * What a source file says about itself: its entities, the links seen inside it, and warnings.
 * Produced by extract/extract.ts from text alone (no IO); stored with the file's version.
 * Lines are 1-based and inclusive everywhere.
 */
import { emptyLinks, type Links } from "./links.ts";

/** In the order of their bits in stored segments: append only. */
export const entityTypes = [
  "function",
  "method",
  "class",
  "interface",
  "type",
  "enum",
  "module",
  "variable",
  "import",
  "export",
] as const;
export type EntityType = (typeof entityTypes)[number];

export interface Parameter {
  name: string;
  type?: string;
  default?: string;
}

export const EntityFlag = { exported: 1, static: 2, abstract: 4, constructor: 8 } as const;

/** Requirement A06; a field is absent when the language or the definition has no such thing. */
export interface Entity {
  /** Simple name as written: `put`, `empty?`, `~Foo`, `operator==`. */
  name: string;
  /** Containers joined with dots: `Class.method`, `Outer.Inner.put`; equals `name` at top level. */
  qualified: string;
  type: EntityType;
  start_line: number;
  end_line: number;
  /** Line where the name itself stands (decorators and annotations come before it). */
  name_line: number;
  /** Columns of white space before the first token of the name's line (a tab counts as 1). */
  indent: number;
  /** The head of the definition on one line, white space collapsed, at most 400 characters. */
  signature?: string;
  /** Doc comment or docstring with its comment marks removed, at most 2,000 characters. */
  docstring?: string;
  decorators?: string[];
  parameters?: Parameter[];
  return_annotation?: string;
  /** Cyclomatic complexity (H03): functions and methods only. */
  complexity?: number;
  /** Bits of EntityFlag; absent when none is set. Not shown. */
  flags?: number;
  /**
   * Its parameter types, `(int,String)`, in a language that tells definitions of one name apart by them: part of its id
   * where the name is shared. Not shown.
   */
  overload?: string;
}

/** Those after `calls` are not read from code: people and agents state them. */
export const relationTypes = [
  "contains",
  "imports",
  "exports",
  "extends",
  "implements",
  "calls",
  "references",
  "tests",
  "documents",
  "configures",
  "changed_with",
] as const;
export type RelationType = (typeof relationTypes)[number];

export interface Outline {
  entities: Entity[];
  links: Links;
  /** Said to the user by `momo status`: "syntax errors, entities are partial", "parser stopped". */
  warnings: string[];
}

export const emptyOutline = (): Outline => ({ entities: [], links: emptyLinks(), warnings: [] });
