import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect, test } from "vitest";
import { MomoError } from "../errors.ts";
import { embedderContract } from "./embedder.fixture.ts";
import { openTransformer, TRANSFORMER_MODEL, type TransformerOptions } from "./transformer.ts";

const folder = mkdtempSync(join(tmpdir(), "momo-transformer-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function makeModel(name: string, files = ["config.json", "tokenizer.json", "onnx/model.onnx"]): void {
  for (const file of files) {
    mkdirSync(join(folder, name, file, ".."), { recursive: true });
    writeFileSync(join(folder, name, file), "{}");
  }
}
makeModel(TRANSFORMER_MODEL);
makeModel("microsoft/codebert-base");

/** Has the package's interface and no model: the package and its weights are not installed where tests run. */
const standIn = join(folder, "transformers.mjs");
writeFileSync(
  standIn,
  `import { existsSync } from "node:fs";
  import { join } from "node:path";
  export const env = {};
  export const calls = [];
  export async function pipeline(task, model, options) {
    if (env.allowRemoteModels !== false || !options.local_files_only) throw new Error("would download");
    if (!existsSync(join(env.localModelPath, model, "config.json"))) throw new Error("no such model");
    const run = async (texts, { pooling, normalize }) => {
      calls.push({ task, model, ...options, texts, pooling, normalize });
      if (texts.includes("crash")) throw new Error("out of memory");
      const size = 32;
      const data = new Float32Array(texts.length * size);
      texts.forEach((text, i) => {
        for (const word of text.toLowerCase().match(/\\p{L}+/gu) ?? ["?"]) {
          let sum = 7;
          for (const letter of word) sum = (sum * 31 + letter.codePointAt(0)) % 1009;
          data[i * size + (sum % size)] += 1;
        }
      });
      return { data, dims: [texts.length, size] };
    };
    run.dispose = async () => void calls.push("disposed");
    return run;
  }`,
);
const { calls } = (await import(pathToFileURL(standIn).href)) as {
  calls: { texts: string[]; dtype: string }[];
};

const base: TransformerOptions = { folder, batch: 2, package: pathToFileURL(standIn).href };
embedderContract({ name: "transformer", open: () => openTransformer(base) });

const fault = (more: Partial<TransformerOptions>): Promise<MomoError> =>
  openTransformer({ ...base, ...more }).then(
    () => {
      throw new Error("opened");
    },
    (error: unknown) => {
      if (error instanceof MomoError) return error;
      throw error;
    },
  );

test("runs in batches, with the model's files from the folder only", async () => {
  const embedder = await openTransformer({ ...base, model: "microsoft/codebert-base" });
  calls.length = 0;
  await embedder.embed(["a", "b", "c"], { kind: "document" });
  expect(calls).toEqual([
    expect.objectContaining({
      task: "feature-extraction",
      model: "codebert-base",
      texts: ["a", "b"],
      pooling: "mean",
    }),
    expect.objectContaining({ texts: ["c"], dtype: "fp32", local_files_only: true }),
  ]);
  await embedder.close?.();
  expect(calls.at(-1)).toBe("disposed");
});

test("a folder is as good as a name, and quantised weights are preferred", async () => {
  makeModel("own", ["config.json", "tokenizer.json", "onnx/model.onnx", "onnx/model_quantized.onnx"]);
  const embedder = await openTransformer({ ...base, model: join(folder, "own"), folder: "/nowhere" });
  expect(calls.at(-1)?.dtype).toBe("q8");
  expect(embedder.model).toMatch(/^transformer\/own@[0-9a-f]{12}$/);
  writeFileSync(join(folder, "own", "config.json"), '{"hidden_size": 32}');
  expect((await openTransformer({ ...base, model: join(folder, "own") })).model).not.toBe(embedder.model);
});

test.each([["onnx/model.onnx", "config.json"], ["tokenizer.json", "config.json"], []])(
  "a model that is not there, or not whole, says where it is looked for",
  async (...files) => {
    const name = `part-${files.length}-${files[0]?.length}`;
    makeModel(name, files);
    const error = await fault({ model: name });
    expect([error.code, error.message]).toEqual([
      "EMBEDDING_MODEL_MISSING",
      expect.stringContaining(join(folder, name)),
    ]);
  },
);

test("without the package it says how to install it", async () => {
  const error = await fault({ package: "@momo-kb/not-there" });
  expect(error.code).toBe("EMBEDDING_PACKAGE_MISSING");
  expect(error.message).toContain("ONNXRUNTIME_NODE_INSTALL=skip npm install @huggingface/transformers");
});

test("a model that fails is a clear error", async () => {
  const embedder = await openTransformer(base);
  await expect(embedder.embed(["crash"], { kind: "query" })).rejects.toMatchObject({
    code: "EMBEDDING_UNAVAILABLE",
    message: expect.stringContaining("out of memory"),
  });
});
