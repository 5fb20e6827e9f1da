/** What models want to be told before a text, by what their cards say. Used by the strategies that run models. */
import type { EmbedOptions } from "./embedder.ts";

interface Prefix {
  document: string;
  query: string;
}

/** The first whose pattern is in the model's name counts. */
const prefixes: readonly [RegExp, Prefix][] = [
  [/nomic-embed/i, { document: "search_document: ", query: "search_query: " }],
  [/\be5-(small|base|large)|multilingual-e5/i, { document: "passage: ", query: "query: " }],
  [
    /bge-(small|base|large)-en|mxbai-embed|arctic-embed/i,
    {
      document: "",
      query: "Represent this sentence for searching relevant passages: ",
    },
  ],
];

const none: Prefix = { document: "", query: "" };

/** "" for a model that wants nothing. */
export const prefixOf = (model: string, kind: EmbedOptions["kind"]): string =>
  (prefixes.find(([pattern]) => pattern.test(model))?.[1] ?? none)[kind];
