/**
 * The strategy `transformer`: a model that runs in this process, from a folder on this machine. The package that runs
 * it is optional (its libraries are hundreds of megabytes), and nothing is ever downloaded. Opened by strategies.ts.
 */
import { hash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, isAbsolute, join } from "node:path";
import { MomoError } from "../errors.ts";
import { inBatches } from "./batches.ts";
import type { Embedder } from "./embedder.ts";
import { prefixOf } from "./prefixes.ts";
import { toUnit } from "./vector.ts";

export const TRANSFORMER_MODEL = "sentence-transformers/all-MiniLM-L6-v2";
const PACKAGE = "@huggingface/transformers";
/** Without the variable the install of its runtime downloads libraries for graphics cards, and fails offline. */
const INSTALL = `ONNXRUNTIME_NODE_INSTALL=skip npm install ${PACKAGE}`;

export interface TransformerOptions {
  /** A folder, or a name below `folder`. */
  model?: string | undefined;
  /** Folder with models; default ~/.cache/momo/models. */
  folder?: string | undefined;
  /** Texts that run through the model at once. */
  batch: number;
  /** Name or file URL of the package that runs the model. */
  package?: string;
}

/** Of the package, what is used here. */
interface Package {
  env: { allowRemoteModels: boolean; allowLocalModels: boolean; localModelPath: string };
  pipeline(
    task: "feature-extraction",
    model: string,
    options: { dtype: string; local_files_only: boolean },
  ): Promise<Pipeline>;
}

interface Pipeline {
  (
    texts: string[],
    options: { pooling: "mean"; normalize: boolean },
  ): Promise<{ data: Float32Array; dims: readonly number[] }>;
  dispose(): Promise<unknown>;
}

/** Smallest first: quantised ones answer nearly the same, several times faster. */
const weights: readonly { file: string; dtype: string }[] = [
  { file: "onnx/model_quantized.onnx", dtype: "q8" },
  { file: "onnx/model.onnx", dtype: "fp32" },
];

interface Found {
  folder: string;
  dtype: string;
  /** Changes when the files of the model do. */
  version: string;
}

function findModel(model: string, folder: string): Found {
  const at = isAbsolute(model) ? model : join(folder, model);
  const found = weights.find(({ file }) => statSync(join(at, file), { throwIfNoEntry: false })?.isFile());
  const needed = ["config.json", "tokenizer.json"].map((name) => join(at, name));
  if (!found || needed.some((file) => !statSync(file, { throwIfNoEntry: false })?.isFile()))
    throw new MomoError("EMBEDDING_MODEL_MISSING", {
      model,
      hint: `put its ONNX export (config.json, tokenizer.json, onnx/model.onnx) into ${at}; Momo downloads nothing`,
    });
  const { size } = statSync(join(at, found.file));
  const parts = [...needed.map((file) => readFileSync(file)), Buffer.from(`${found.dtype} ${size}`)];
  return { folder: at, dtype: found.dtype, version: hash("sha256", Buffer.concat(parts)).slice(0, 12) };
}

async function load(name: string): Promise<Package> {
  try {
    return (await import(name)) as Package;
  } catch (cause) {
    throw new MomoError("EMBEDDING_PACKAGE_MISSING", { package: name, install: INSTALL }, cause);
  }
}

/** Raises EMBEDDING_MODEL_MISSING, EMBEDDING_PACKAGE_MISSING, and EMBEDDING_UNAVAILABLE when the model does not run. */
export async function openTransformer(options: TransformerOptions): Promise<Embedder> {
  const { model = TRANSFORMER_MODEL, batch } = options;
  const found = findModel(model, options.folder ?? join(homedir(), ".cache", "momo", "models"));
  const { env, pipeline } = await load(options.package ?? PACKAGE);
  env.allowRemoteModels = false;
  env.allowLocalModels = true;
  env.localModelPath = dirname(found.folder);
  const name = basename(found.folder);
  const failed = (cause: unknown): MomoError =>
    new MomoError("EMBEDDING_UNAVAILABLE", { strategy: "transformer", why: (cause as Error).message }, cause);
  const run = await pipeline("feature-extraction", name, {
    dtype: found.dtype,
    local_files_only: true,
  }).catch((cause: unknown) => {
    throw failed(cause);
  });
  const embed = async (texts: readonly string[]): Promise<Float32Array[]> => {
    const { data, dims } = await run([...texts], { pooling: "mean", normalize: true }).catch(
      (cause: unknown) => {
        throw failed(cause);
      },
    );
    const size = dims.at(-1)!;
    return texts.map((_, i) => toUnit(Float32Array.from(data.subarray(i * size, (i + 1) * size))));
  };
  const dimensions = (await embed(["momo"]))[0]!.length;
  return {
    strategy: "transformer",
    model: `transformer/${isAbsolute(model) ? name : model}@${found.version}`,
    dimensions,
    async embed(texts, { kind, signal }) {
      const prefix = prefixOf(model, kind);
      const asked = texts.flatMap((text, i) => (text.trim() === "" ? [] : [i]));
      const inputs = asked.map((i) => `${prefix}${texts[i]!}`);
      // One at a time: the runtime uses all cores for a batch.
      const answers = await inBatches(inputs, { size: batch, concurrency: 1, signal }, embed);
      const vectors: Float32Array[] = texts.map(() => new Float32Array(dimensions));
      asked.forEach((i, at) => {
        vectors[i] = answers[at]!;
      });
      return vectors;
    },
    close: async () => {
      await run.dispose();
    },
  };
}
