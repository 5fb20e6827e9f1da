/** The filters of a request, for the index in memory and for an engine. Used by search.ts and engine.ts. */
import { compileGlobs } from "../collect/globs.ts";
import type { SearchFilters } from "../model/api.ts";
import { entityTypes } from "../model/outline.ts";
import type { RowFilter } from "../store/contract/rows.ts";
import { folderMatcher } from "../store/engines/row-filter.ts";
import type { LexicalIndex } from "../store/lexical/index.ts";
import { type Filter, noFilter } from "./rank.ts";

export function compileFilter(index: LexicalIndex, filters: SearchFilters | undefined): Filter {
  if (!filters) return noFilter;
  const { types, languages, directories, paths } = filters;
  const typeMask = types?.reduce((mask, type) => mask | (1 << entityTypes.indexOf(type)), 0);
  const isInside = directories && folderMatcher(directories);
  const matches = paths && compileGlobs(paths);
  return {
    document: (document) => {
      const path = index.paths[document];
      if (languages && !languages.includes(index.languageNames[index.languages[document]])) return false;
      if (isInside && !isInside(path)) return false;
      return matches ? matches(path) : true;
    },
    chunk: (chunk) => typeMask === undefined || (index.chunkTypes[chunk] & typeMask) !== 0,
  };
}

/** What of it an engine may evaluate; globs are ours alone. */
export const rowFilterOf = ({ types, languages, directories }: SearchFilters): RowFilter => ({
  ...(types && { types }),
  ...(languages && { languages }),
  ...(directories && { directories }),
});
