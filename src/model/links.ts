/**
 * What the text of one file says about how code hangs together: calls, imports, bases, what variables hold. Nothing is
 * resolved here: names and paths are as written. Collected by extract/links.ts, stored with the file's version, shown
 * by retrieve/stated-relations.ts.
 *
 * A `source` is the ordinal of an entity of the file, counted from 1; 0 is the file itself.
 */

export interface CallSite {
  source: number;
  /** What is called, without its path: `put`, `#sum`, `empty?`. */
  name: string;
  /** What stands before it, arguments and indexes left out: `self.store`, `open().lines[]`; `()` for what has no name. */
  receiver: string;
  line: number;
  /** Number of arguments as written; -1 where the text does not tell. */
  arity: number;
  /** Bits of CallFlag. */
  flags: number;
}

export const CallFlag = { new: 1, decorator: 2 } as const;

export interface ImportBinding {
  source: number;
  /** Name in this file; "" where none is bound by name. */
  local: string;
  /** Name in the module, `default` for what it offers without one; "" for the module itself. */
  imported: string;
  /** As written: `./a`, `..pkg.mod`, `java.util.List`, `vector`. */
  module: string;
  line: number;
  /** Bits of ImportFlag. */
  flags: number;
}

/** `star`: every name of the module is bound, too. */
export const ImportFlag = { star: 1, typeOnly: 2, reexport: 4 } as const;

export interface BaseLink {
  /** 0 where the type is declared in another file: see `owner`. */
  source: number;
  /** Qualified name of the type, where it is no entity of this file. */
  owner: string;
  type: "extends" | "implements";
  /** As written, without type arguments: `ActiveRecord::Base`. */
  path: string;
  line: number;
}

/** A variable and what the text says of its type. */
export interface LocalBinding {
  source: number;
  /** `x`, or `self.x`, `this.x`, `@x` for one of the object. */
  name: string;
  /** A type as annotated, or what was called to make the value: `Foo`, `models.Foo`. */
  type: string;
  line: number;
  how: BindingKind;
}

/** In the order of their numbers in stored bodies: append only. `receiver`: Go's `(s *Stack)`. */
export const bindingKinds = ["called", "annotated", "receiver"] as const;
export type BindingKind = (typeof bindingKinds)[number];

export interface Links {
  /** Package or namespace the file says it belongs to; "" for none. */
  package: string;
  /** The entity that each entity lies in, as a source. */
  parents: number[];
  calls: CallSite[];
  imports: ImportBinding[];
  bases: BaseLink[];
  bindings: LocalBinding[];
}

export const emptyLinks = (): Links => ({
  package: "",
  parents: [],
  calls: [],
  imports: [],
  bases: [],
  bindings: [],
});
