/**
 * Which chunks are embedded with which model, and when: all of them for `momo embed`, the new ones after an ingest. A
 * new model takes over once every live chunk has its vector; until then the old one serves. Used by momo.ts.
 */
import type { Embedder } from "../embed/embedder.ts";
import type { Embedders } from "../embed/embedders.ts";
import { MomoError } from "../errors.ts";
import type { EmbeddingPlan, EmbeddingReport, EmbedRequest, IngestStats } from "../model/api.ts";
import type { Store } from "../store/contract/store.ts";
import {
  type ModelRecord,
  modelRecords,
  recordModel,
  serveModel,
  servingModel,
} from "../store/vector/models.ts";
import { coverageOf, embedChunks, liveTexts } from "./embed-chunks.ts";

/** The model to embed with, and what is to be kept of it. */
interface Target {
  embedder: Embedder;
  record: ModelRecord;
  /** Opened for this run only. */
  isOwn: boolean;
}

interface Place {
  store: Store;
  embedders: Embedders;
}

/** What was begun with the settings of now is gone on with; the newest first. */
const knownModel = ({ store, embedders }: Place): ModelRecord | undefined =>
  modelRecords(store).findLast((record) => embedders.matches(record));

async function openTarget(place: Place, anew: boolean): Promise<Target> {
  const { store, embedders } = place;
  const known = anew ? undefined : knownModel(place);
  if (known) {
    const embedder = await embedders.reopen(known).catch(changedModel);
    if (embedder) return { embedder, record: known, isOwn: false };
  }
  const { embedder, fit } = await embedders.openNew(() => liveTexts(store));
  const { model, dimensions } = embedder;
  const record = { model, dimensions, settings: { ...embedders.settings }, ...(fit && { fit }) };
  return { embedder, record, isOwn: true };
}

/** A model of that name that is another one now is embedded with anew. */
function changedModel(error: unknown): undefined {
  if (!(error instanceof MomoError && error.code === "EMBEDDING_UNAVAILABLE")) throw error;
}

function planOf({ store, embedders }: Place, { record }: Target): EmbeddingPlan {
  const { chunks, lacking } = coverageOf(store, record.model);
  const from = servingModel(store)?.model;
  return {
    strategy: embedders.strategy,
    model: record.model,
    dimensions: record.dimensions,
    ...(from !== undefined && { from }),
    chunks,
    to_embed: lacking,
    requests: embedders.batch === 0 ? 0 : Math.ceil(lacking / embedders.batch),
  };
}

/** Raises what opening the model raises: its server is asked who it is. */
export async function planEmbedding(place: Place, { anew = false }: EmbedRequest): Promise<EmbeddingPlan> {
  const target = await openTarget(place, anew);
  try {
    return planOf(place, target);
  } finally {
    if (target.isOwn) await target.embedder.close?.();
  }
}

export async function embedAll(place: Place, request: EmbedRequest): Promise<EmbeddingReport> {
  const started = performance.now();
  const { anew = false, on_plan, on_progress, signal } = request;
  const target = await openTarget(place, anew);
  try {
    const plan = planOf(place, target);
    await on_plan?.(plan);
    const embedded = await bringUp(place.store, target, { on_progress, signal });
    const { lacking } = coverageOf(place.store, target.record.model);
    return {
      ...plan,
      embedded,
      remaining: lacking,
      serving: servingModel(place.store)?.model === target.record.model,
      processing_time_seconds: (performance.now() - started) / 1000,
    };
  } finally {
    if (target.isOwn) await target.embedder.close?.();
  }
}

async function bringUp(
  store: Store,
  { embedder, record }: Target,
  { on_progress, signal }: Pick<EmbedRequest, "on_progress" | "signal">,
): Promise<number> {
  const isKnown = modelRecords(store).some(({ model }) => model === record.model);
  if (!isKnown) change(store, (tx) => recordModel(tx, record));
  const embedded = await embedChunks(store, embedder, {
    signal,
    on_progress: ({ done, total }) => on_progress?.({ phase: "embedding", done, total, bytes: 0 }),
  });
  const isServing = servingModel(store)?.model === record.model;
  // Looked at again in the transaction: another process may have indexed meanwhile.
  if (!isServing)
    change(store, (tx) => {
      if (coverageOf(tx.reader, record.model).lacking === 0) serveModel(tx, record.model);
    });
  return embedded;
}

function change(store: Store, work: (tx: ReturnType<Store["begin"]>) => void): void {
  const tx = store.begin({ agent: "indexer", kind: "index", intent: "embed" });
  try {
    work(tx);
    tx.commit();
  } catch (error) {
    tx.abort();
    throw error;
  }
}

/**
 * New chunks get the vectors of the model that serves, or everything those of the model that is set where none does.
 * Never rejects with a MomoError: what was indexed is indexed, and the statistics say what is missing.
 */
export async function embedAfterIngest(
  place: Place,
  request: Pick<EmbedRequest, "on_progress" | "signal">,
): Promise<IngestStats["embedding"]> {
  const { store, embedders } = place;
  const serving = servingModel(store);
  const other = serving && !embedders.matches(serving);
  try {
    const target = serving
      ? { embedder: await embedders.reopen(serving), record: serving, isOwn: false }
      : await openTarget(place, false);
    try {
      const embedded = await bringUp(store, target, request);
      const { lacking } = coverageOf(store, target.record.model);
      const warning = `another strategy is set than the vectors were made with: run momo embed to change to it`;
      return { model: target.record.model, embedded, remaining: lacking, ...(other && { warning }) };
    } finally {
      if (target.isOwn) await target.embedder.close?.();
    }
  } catch (error) {
    if (!(error instanceof MomoError) && !request.signal?.aborted) throw error;
    const { lacking } = coverageOf(store, serving?.model);
    return {
      ...(serving && { model: serving.model }),
      embedded: 0,
      remaining: lacking,
      warning: (error as Error).message,
    };
  }
}
