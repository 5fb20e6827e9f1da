/**
 * What the store keeps: keys, their versions and contents, and where a key points. Types only, as everything in this
 * folder; used by every room of work and by all of store/.
 */
/**
 * What a key names. A file's version carries its outline; its lexical postings are keyed by the version. A mark keeps
 * the version it names out of retrieval (quarantine). An alias says under which id something is found that had another
 * one before.
 */
export type VersionKind = "file" | "entry" | "relation" | "setting" | "mark" | "alias";

export interface Edge {
  source: string;
  type: string;
  target: string;
}

/** Kept as given. The text is kept apart so that it can be collected or erased alone. */
export interface Content {
  body: Uint8Array;
  text?: Uint8Array;
}

/** A version with its key and content. */
export interface VersionContent {
  vid: number;
  key: string;
  body: Uint8Array;
  text: Uint8Array | undefined;
}

/** Where in a pack (WriteTransaction.addPack) a body lies, its text right behind it; bytes before compression. */
export interface Slice {
  pack: number;
  start: number;
  body_bytes: number;
  text_bytes: number;
}

/**
 * Content for a key. A key is a kind and a name: things of two kinds may have one name. Writing the head's own hash
 * again changes nothing.
 */
export type NewVersion = {
  key: string;
  kind: VersionKind;
  /** SHA-256 that stands for the content of a file; of other kinds the store makes it from body, text and edge. */
  hash?: Uint8Array;
  /** The ends of a relation, by the keys they name: makes it found from both of them. */
  edge?: Edge;
  /** Transaction of another branch that wrote this first: a merge keeps who wrote what it brings home. */
  origin?: number;
} & (Content | Slice);

export interface Head {
  key: string;
  kind: VersionKind;
  vid: number;
  /** SHA-256(key, content hash): `leaf` of records/digest.ts. */
  leaf: Uint8Array;
}

/** A live relation: its own key and version, and what it joins. */
export interface EdgeRecord extends Edge {
  key: string;
  vid: number;
}
