/**
 * Which models the stored vectors belong to, and which of them a search uses: kept as names of `meta`, beside the
 * knowledge. Written by ingest, read by retrieve.
 */
import type { StoreReader } from "../contract/reader.ts";
import type { WriteTransaction } from "../contract/write.ts";
import { vectorSection } from "./block.ts";

export interface ModelRecord {
  /** Identity of the model: its vectors lie in sections of this name. */
  model: string;
  dimensions: number;
  /** What it takes to open the model again: settings by name. */
  settings: Readonly<Record<string, unknown>>;
  /** What the strategy learnt from the documents, where it does. */
  fit?: unknown;
}

const SERVING = "embedding_model";
const RECORDS = "embedding_models";
/** Grows whenever vectors change: the sequence number does not, as no knowledge changes. */
const REVISION = "embedding_revision";

export const vectorRevision = (store: StoreReader): number => Number(store.meta(REVISION) ?? 0);

/** Oldest first; the one that serves, and one that is being made. */
export const modelRecords = (store: StoreReader): ModelRecord[] => JSON.parse(store.meta(RECORDS) ?? "[]");

/** The model whose vectors a search compares; undefined before all chunks were embedded once. */
export function servingModel(store: StoreReader): ModelRecord | undefined {
  const model = store.meta(SERVING);
  return model ? modelRecords(store).find((record) => record.model === model) : undefined;
}

/** Remembers a model before its first vectors are written, so that an interrupted run can go on with it. */
export function recordModel(tx: WriteTransaction, record: ModelRecord): void {
  const others = modelRecords(tx.reader).filter(({ model }) => model !== record.model);
  tx.setMeta(RECORDS, JSON.stringify([...others, record]));
}

/** Vectors of one segment, in a transaction in which the segment was found. */
export function writeVectors(
  tx: WriteTransaction,
  { segment, model, bytes }: { segment: number; model: string; bytes: Uint8Array },
): void {
  tx.addSection(segment, vectorSection(model), bytes);
  tx.setMeta(REVISION, String(vectorRevision(tx.reader) + 1));
}

/** From now on searches use this model; the vectors of the others are dropped. */
export function serveModel(tx: WriteTransaction, model: string): void {
  const records = modelRecords(tx.reader);
  for (const other of records) if (other.model !== model) tx.dropSections(vectorSection(other.model));
  tx.setMeta(RECORDS, JSON.stringify(records.filter((record) => record.model === model)));
  tx.setMeta(SERVING, model);
  tx.setMeta(REVISION, String(vectorRevision(tx.reader) + 1));
}
