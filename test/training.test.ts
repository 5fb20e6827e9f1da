/** The trainer of the static embedding (bench/training): it learns, follows the gradient, and repeats itself. */
import { expect, test } from "vitest";
import { initialRows, type ModelOptions, Trainer, type TrainingSet } from "../bench/training/model.ts";
import { createRandom } from "../bench/training/random.ts";

const options: ModelOptions = {
  dimensions: 8,
  steps: 150,
  batch: 16,
  learning_rate: 0.02,
  temperature: 0.1,
  warm_up: 10,
};
const TOPICS = 16;

/** Pair i speaks of topic i in words of its own on either side: 3 i, 3 i + 1 on the left, 3 i + 1, 3 i + 2 on the right. */
function topics(): TrainingSet {
  const term = Array.from({ length: TOPICS }, (_, i) => [3 * i, 3 * i + 1, 3 * i + 2, 3 * i + 1]).flat();
  return {
    at: Uint32Array.from({ length: TOPICS * 2 + 1 }, (_, bag) => bag * 2),
    term: Int32Array.from(term),
    weight: new Float32Array(term.length).fill(1),
    pairs: TOPICS,
  };
}

const all = Int32Array.from({ length: TOPICS }, (_, i) => i);
const start = (seed: number): Float32Array =>
  initialRows(new Float64Array(TOPICS * 3).fill(1), options.dimensions, createRandom(seed));

function train(seed: number): { first: number; last: number; values: Float32Array } {
  const trainer = new Trainer(start(seed), options);
  const set = topics();
  const losses = Array.from({ length: options.steps }, () => trainer.step(set, all));
  return { first: losses[0]!, last: losses.at(-1)!, values: trainer.values };
}

test("both sides of a pair come to lie together, apart from the others", () => {
  const { first, last } = train(1);
  expect(first).toBeGreaterThan(1);
  expect(last).toBeLessThan(0.05);
});

test("the same seed gives the same table, another one another", () => {
  expect(train(2).values).toEqual(train(2).values);
  expect(train(2).values).not.toEqual(train(3).values);
});

test("a step goes down the slope of the loss, in every direction that numbers show", () => {
  const set = topics();
  const lossAt = (values: Float32Array): number => {
    // Both ways of the loss: the pairs as they are, and with their sides exchanged.
    const turned = { ...set, term: Int32Array.from(set.term, (_, k) => set.term[(k & ~3) | ((k + 2) & 3)]!) };
    const still = { ...options, learning_rate: 0 };
    return (
      new Trainer(values.slice(), still).step(set, all) + new Trainer(values.slice(), still).step(turned, all)
    );
  };
  const before = start(4);
  const trainer = new Trainer(before.slice(), { ...options, warm_up: 1, learning_rate: 1e-3 });
  trainer.step(set, all);
  let agreed = 0;
  let asked = 0;
  for (let i = 0; i < before.length; i += 7) {
    const [up, down] = [before.slice(), before.slice()];
    up[i]! += 0.02;
    down[i]! -= 0.02;
    const slope = lossAt(up) - lossAt(down);
    if (Math.abs(slope) < 1e-4) continue;
    asked++;
    if (Math.sign(trainer.values[i]! - before[i]!) === -Math.sign(slope)) agreed++;
  }
  expect(asked).toBeGreaterThan(20);
  expect(agreed).toBe(asked);
});
