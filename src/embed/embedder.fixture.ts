/** The contract that every embedding strategy passes, whatever runs behind it. Used by the tests of the strategies. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Embedder } from "./embedder.ts";
import { dot } from "./vector.ts";

export interface ContractOptions {
  name: string;
  open(): Promise<Embedder>;
  /** Tests that cannot hold here, and why; they are reported as skipped. */
  skip?: { reason: string; tests: readonly string[] }[];
}

const TEXTS = [
  "def parse_header(line): return line.split(':')",
  "open a connection to the database",
  "parse the header of a line",
  "größe = länge * 2 // 尺寸 🧭",
];

export function embedderContract({ name, open, skip = [] }: ContractOptions): void {
  describe(`${name}: contract of embedders`, () => {
    let embedder: Embedder;
    beforeAll(async () => {
      embedder = await open();
    });
    afterAll(async () => embedder.close?.());
    const check = (title: string, body: () => Promise<void>): void => {
      const skipped = skip.find(({ tests }) => tests.includes(title));
      if (skipped) test.skip(`${title} (${skipped.reason})`, body);
      else test(title, body);
    };
    const embed = (texts: readonly string[]): Promise<Float32Array[]> =>
      embedder.embed(texts, { kind: "document" });
    const embedOne = async (text: string): Promise<Float32Array> => (await embed([text]))[0]!;

    check("the same text gives the same vector, also when opened again", async () => {
      const [first, again] = [await embed(TEXTS), await embed(TEXTS)];
      expect(again).toEqual(first);
      const other = await open();
      expect(other.model).toBe(embedder.model);
      expect(await other.embed(TEXTS, { kind: "document" })).toEqual(first);
      await other.close?.();
    });

    check("vectors come in the order of the texts", async () => {
      const together = await embed([...TEXTS, TEXTS[0]!]);
      for (const [i, text] of TEXTS.entries()) {
        const alone = await embedOne(text);
        expect(dot(together[i]!, alone)).toBeCloseTo(dot(alone, alone), 4);
      }
      expect(together.at(-1)).toEqual(together[0]);
      expect(dot(together[0]!, together[1]!)).toBeLessThan(0.999);
    });

    check("no texts, no vectors", async () => {
      expect(await embed([])).toEqual([]);
    });

    check("an empty text gives zeros", async () => {
      for (const vector of await embed(["", " \n\t"])) {
        expect(vector).toHaveLength(embedder.dimensions);
        expect(vector.every((value) => value === 0)).toBe(true);
      }
    });

    check("length 1 or zeros, never NaN, always the same dimensions", async () => {
      const texts = [...TEXTS, "", "\u0000\u0007", "\ud800 half a pair", "x", "parse ".repeat(1700)];
      const vectors = await embed(texts);
      expect(embedder.dimensions).toBeGreaterThan(0);
      for (const [i, vector] of vectors.entries()) {
        expect(vector).toBeInstanceOf(Float32Array);
        expect(vector, texts[i]).toHaveLength(embedder.dimensions);
        const length = Math.sqrt(dot(vector, vector));
        expect(length === 0 || Math.abs(length - 1) < 1e-4, `${texts[i]?.slice(0, 40)}: ${length}`).toBe(
          true,
        );
      }
      expect(dot(vectors[0]!, vectors[0]!)).toBeCloseTo(1, 4);
    });

    check("a text of 10,000 characters, and a query", async () => {
      const [vector] = await embed([TEXTS.join(" ").padEnd(10_000, " parse header")]);
      const [query] = await embedder.embed([TEXTS[2]!], { kind: "query" });
      expect(dot(vector!, query!)).toBeGreaterThan(0);
    });

    check("an abort rejects with its reason", async () => {
      const signal = AbortSignal.abort(new Error("enough"));
      await expect(embedder.embed(TEXTS, { kind: "query", signal })).rejects.toThrow("enough");
    });

    check("says which strategy and model it is", async () => {
      expect(embedder.model).toContain(embedder.strategy);
      expect(embedder.model).toMatch(/^[\x21-\x7e][\x20-\x7e]{2,200}$/);
    });
  });
}
