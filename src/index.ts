/** Momo's public API: what `import type { HistoryFilter, TransactionRecord } from "./store/contract/journal.ts";
import { openMomo } from "momo-kb"` offers. The only barrel; everything else is internal. */
export { type ErrorCode, MomoError } from "./errors.ts";
export type {
  CitedLines,
  Coverage,
  EmbeddingPlan,
  EmbeddingReport,
  EmbedRequest,
  EntityMetadata,
  EntriesRequest,
  EntrySummary,
  Expansion,
  ExpansionKind,
  IngestProgress,
  IngestRequest,
  IngestStats,
  KnowledgeEntry,
  KnowledgeType,
  NamedThing,
  NeighborsRequest,
  OpenOptions,
  PackedCut,
  PackedDefinition,
  PackedOutline,
  QueryIntent,
  QueryScope,
  SearchFilters,
  SearchRequest,
  SearchResponse,
  SearchResult,
  Status,
  Understanding,
} from "./model/api.ts";
export type { Entity, EntityType, Parameter, RelationType } from "./model/outline.ts";
export type * from "./model/rollback.ts";
export { type Momo, openMomo } from "./momo.ts";
export type { HistoryFilter, TransactionRecord } from "./store/contract/journal.ts";
