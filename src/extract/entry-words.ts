/**
 * The words of an entry: what people and agents write is searched like a file of its language. Handed by momo.ts to
 * knowledge, which keeps them, and used by retrieve, which searches those that are not kept yet.
 */
import { type AddEntry, DocumentFlag, type EntryText } from "../model/lexical-document.ts";
import { emptyOutline } from "../model/outline.ts";
import { createDocumentReader } from "./document.ts";
import { languageNamed } from "./language.ts";

/** A title of many pages is a text in the wrong place: the words of its beginning will do. */
const MAX_TITLE = 1000;

function flagsOf({ type }: EntryText, isText: boolean): number {
  const words = isText ? DocumentFlag.text : 0;
  return DocumentFlag.entry | words | (type === "test" ? DocumentFlag.test : 0);
}

/** The lexer's buffers are made with the first entry: most knowledge bases have none. */
export function createEntryReader(): AddEntry {
  let read: ReturnType<typeof createDocumentReader> | undefined;
  return (entry, sink) => {
    read ??= createDocumentReader();
    const { id, language: wanted, title, bytes } = entry;
    const language = languageNamed(wanted ?? "markdown") ?? languageNamed("markdown")!;
    const source = {
      path: id,
      language: language.name,
      flags: flagsOf(entry, language.support === "text"),
      bytes,
      outline: emptyOutline(),
      ...(title !== undefined && { title: title.slice(0, MAX_TITLE) }),
    };
    read(source, sink);
  };
}
