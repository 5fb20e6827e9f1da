/**
 * What a language file gives: which syntax nodes matter and what they mean. extract.ts asks the tree once for all
 * nodes of these types and calls the visit of each, in document order (a node comes before what it contains).
 */
import type { Language, Node } from "web-tree-sitter";
import type { CommentStyle } from "./comments.ts";
import type { DecoratorStyle } from "./head.ts";
import type { Walk } from "./walk.ts";

/** What a node of one type means. */
export type Visit = (node: Node, walk: Walk) => void;

export interface Rules {
  comments: CommentStyle;
  /** The text as the parser gets it, as long as it was: what the grammar cannot read is blanked out or replaced. */
  readable?: (text: string) => string;
  /**
   * Another such text, to be tried where the first one has syntax errors; undefined where there is none. The one is
   * kept in which more nodes of the type are free of errors.
   */
  otherwise?: { text: (text: string) => string | undefined; counts: string };
  decorators?: DecoratorStyle;
  /** `::` in a name separates nothing. */
  plainNames?: boolean;
  visits: Record<string, Visit>;
  /** Node types or tokens (`&&`) that each add 1 to the complexity of the function around them. */
  branches: readonly string[];
  /** Argument lists: the identifier that ends just before one is called. */
  calls: readonly string[];
  /** After the last node. */
  finish?: (walk: Walk) => void;
}

/** A language without a grammar: reads the text itself. */
export interface PatternRules {
  comments: CommentStyle;
  read: (walk: Walk) => void;
}

/** Rules bound to one grammar: the types to ask for, and the visit of each symbol id. */
export interface Plan {
  types: string[];
  visits: (Visit | undefined)[];
}

const branch: Visit = (_node, walk) => walk.branch();
const call: Visit = (node, walk) => walk.call(node);

/**
 * Symbol ids, because comparing a number per node is cheaper than comparing a name. A name that is both a node and a
 * keyword (Ruby's `if`) means the node. Names the grammar does not know are an error: a grammar update renamed them.
 */
export function planFor(rules: Rules, language: Language): Plan {
  const byName: Record<string, Visit> = {
    ...Object.fromEntries(rules.branches.map((name) => [name, branch])),
    ...Object.fromEntries(rules.calls.map((name) => [name, call])),
    ...rules.visits,
  };
  const types = Object.keys(byName);
  const visits: (Visit | undefined)[] = new Array(language.types.length);
  for (const name of types) {
    const ids = language.types.flatMap((type, id) => (type === name ? [id] : []));
    if (ids.length === 0) throw new Error(`no node type ${name} in grammar ${language.name}`);
    const named = ids.filter((id) => language.nodeTypeIsNamed(id));
    for (const id of named.length > 0 ? named : ids) visits[id] = byName[name];
  }
  return { types, visits };
}
