/**
 * One source file from bytes to what is stored: outline, chunks, postings, version content. Pure but for the segment
 * it adds to. Run by worker.ts.
 */
import { hash as digest } from "node:crypto";
import { createDocumentReader } from "../extract/document.ts";
import { extract } from "../extract/extract.ts";
import type { Language } from "../extract/language.ts";
import type { DocumentSink } from "../model/lexical-document.ts";
import { emptyOutline, type Outline } from "../model/outline.ts";
import { encodeBody } from "../store/records/file.ts";
import { pathFlags } from "./path-flags.ts";

/** Part of every version's hash: a new extractor makes new versions. Raise it when outlines or postings change. */
export const EXTRACTOR_VERSION = 4;

export interface SourceDocument {
  path: string;
  language: Language;
  bytes: Buffer;
  /** False when the parser was stopped on this file before: words only. */
  parse: boolean;
}

export interface IndexedDocument {
  hash: Uint8Array;
  body: Uint8Array;
  entities: number;
  warning?: string;
}

/** What was read without its parser is another content: it is read again when the parser may be tried again. */
export function contentHash(bytes: Uint8Array, { parse }: { parse: boolean }): Uint8Array {
  const how = `\0momo extractor ${EXTRACTOR_VERSION}${parse ? "" : " words only"}`;
  return digest("sha256", Buffer.concat([bytes, Buffer.from(how)]), "buffer");
}

/** Adds documents to the builder it is given; one per worker. */
export function createDocumentMaker(): (source: SourceDocument, builder: DocumentSink) => IndexedDocument {
  const read = createDocumentReader();
  return (source, builder) => {
    const { path, language, bytes } = source;
    const outline = outlineOf(source);
    const flags = pathFlags(path, language.support === "text");
    const { lines } = read({ path, language: language.name, flags, bytes, outline }, builder);
    return {
      hash: contentHash(bytes, source),
      body: encodeBody({ language: language.name, lines, bytes: bytes.length, ...outline }),
      entities: outline.entities.length,
      ...(outline.warnings.length > 0 && { warning: outline.warnings.join("; ") }),
    };
  };
}

function outlineOf({ path, language, bytes, parse }: SourceDocument): Outline {
  if (language.support === "text") return emptyOutline();
  if (!parse)
    return { ...emptyOutline(), warnings: ["the parser was stopped on this file: words only, no entities"] };
  return extract({ path, language: language.name, text: bytes.toString() });
}
