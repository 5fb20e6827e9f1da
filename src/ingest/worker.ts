/**
 * Worker thread of the ingest pool: reads, lexes, parses and chunks files, and collects their postings into a segment.
 * A thread of its own because a parser can hang or blow up: then the pool ends the thread and loses one file.
 */
import { parentPort, workerData } from "node:worker_threads";
import { readSource } from "../collect/read.ts";
import { hasGrammar, loadGrammar, warmUpRuntime } from "../extract/grammars.ts";
import { languageNamed } from "../extract/language.ts";
import { PackWriter } from "../store/contents/pack-file.ts";
import { SegmentBuilder } from "../store/lexical/builder.ts";
import { leaf } from "../store/records/digest.ts";
import { contentHash, createDocumentMaker } from "./document.ts";
import { Cell, clock, type FileResult, type FileTask, type FromWorker, type ToWorker } from "./protocol.ts";

/** Postings in one segment: bounds a worker's memory on large repositories (about 40 bytes each while collecting). */
const MAX_POSTINGS = 2_500_000;

const port = parentPort!;
const cells = new Int32Array(workerData.cells as SharedArrayBuffer);
const makeDocument = createDocumentMaker();
const packs = new PackWriter();
let builder = new SegmentBuilder();
let documents: number[] = [];

const send = (message: FromWorker, transfer: ArrayBuffer[]): void => port.postMessage(message, transfer);

const isSame = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

function index(task: FileTask): FileResult {
  const { index } = task;
  const source = readSource(task.file);
  if ("skipped" in source) return { index, outcome: "skipped", reason: source.skipped };
  const bytes = Buffer.from(source.bytes.buffer, source.bytes.byteOffset, source.bytes.byteLength);
  if (task.known && isSame(leaf(task.path, contentHash(bytes, task)), task.known))
    return { index, outcome: "unchanged", bytes: bytes.length };
  const language = languageNamed(task.language)!;
  const { warning, body, ...indexed } = makeDocument(
    { path: task.path, language, bytes, parse: task.parse },
    builder,
  );
  documents.push(index);
  const warnings = [source.warning, warning].filter((text) => text !== undefined);
  return {
    index,
    outcome: "indexed",
    bytes: bytes.length,
    slice: packs.add(body, bytes),
    ...indexed,
    ...(warnings.length > 0 && { warning: warnings.join("; ") }),
  };
}

function sendSegment(last: boolean): void {
  if (builder.documents === 0) {
    if (last) send({ type: "segment", sections: {}, documents: [], last }, []);
    return;
  }
  const sections = builder.finish();
  send(
    { type: "segment", sections, documents, last },
    Object.values(sections).map((bytes) => bytes.buffer as ArrayBuffer),
  );
  builder = new SegmentBuilder();
  documents = [];
}

async function run(message: ToWorker): Promise<void> {
  if (message.type === "finish") {
    sendSegment(true);
    return;
  }
  const results: FileResult[] = [];
  if (message.type === "warm-up") await warmUpRuntime();
  for (const task of message.type === "files" ? message.files : []) {
    if (task.parse && hasGrammar(task.language)) await loadGrammar(task.language, task.path);
    Atomics.store(cells, Cell.since, clock());
    Atomics.store(cells, Cell.file, task.index + 1);
    const result = index(task);
    Atomics.store(cells, Cell.file, 0);
    results.push(result);
  }
  const made = packs.take();
  send(
    { type: "results", results, packs: made },
    made.map(({ buffer }) => buffer as ArrayBuffer),
  );
  if (builder.size > MAX_POSTINGS) sendSegment(false);
}

let queue = Promise.resolve();
port.on("message", (message: ToWorker) => {
  queue = queue.then(() => run(message));
  queue.catch((error) => {
    throw error;
  });
});
