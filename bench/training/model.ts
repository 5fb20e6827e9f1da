/**
 * The static embedding's training: a table with a row for each stem, so that the bag of a description and the bag of its
 * code come to lie near each other. Symmetric InfoNCE (van den Oord et al. 2018; CLIP's two-way form) with the other
 * pairs of a batch as negatives, a batch from one repository; Adam on the rows that a batch touches. Used by train.ts.
 */
import type { Random } from "./random.ts";

export interface TrainingSet {
  /** Stems of bag b: term[at[b]] .. term[at[b + 1]], weights beside them. Pair i has the bags 2i and 2i + 1. */
  at: Uint32Array;
  term: Int32Array;
  weight: Float32Array;
  pairs: number;
}

export interface ModelOptions {
  dimensions: number;
  steps: number;
  batch: number;
  learning_rate: number;
  temperature: number;
  warm_up: number;
}

const BETA_1 = 0.9;
const BETA_2 = 0.99;
const EPSILON = 1e-7;

/** Normally distributed (Box and Muller 1958). */
export function gaussian(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Rows of length about 1, longer for rare terms: `scale` is the term's idf over the mean. */
export function initialRows(scale: Float64Array, dimensions: number, random: Random): Float32Array {
  const values = new Float32Array(scale.length * dimensions);
  for (let i = 0; i < values.length; i++)
    values[i] = (gaussian(random) / Math.sqrt(dimensions)) * scale[Math.floor(i / dimensions)];
  return values;
}

/** One table in training. */
export class Trainer {
  readonly values: Float32Array;
  readonly #options: ModelOptions;
  readonly #mean: Float32Array;
  readonly #square: Float32Array;
  readonly #gradient: Float32Array;
  readonly #isTouched: Uint8Array;
  #touched: number[] = [];
  readonly #left: Float32Array;
  readonly #right: Float32Array;
  readonly #leftNorm: Float32Array;
  readonly #rightNorm: Float32Array;
  readonly #similar: Float32Array;
  readonly #leftGradient: Float32Array;
  readonly #rightGradient: Float32Array;
  #step = 0;

  constructor(values: Float32Array, options: ModelOptions) {
    const { dimensions, batch } = options;
    this.values = values;
    this.#options = options;
    this.#mean = new Float32Array(values.length);
    this.#square = new Float32Array(values.length);
    this.#gradient = new Float32Array(values.length);
    this.#isTouched = new Uint8Array(values.length / dimensions);
    this.#left = new Float32Array(batch * dimensions);
    this.#right = new Float32Array(batch * dimensions);
    this.#leftGradient = new Float32Array(batch * dimensions);
    this.#rightGradient = new Float32Array(batch * dimensions);
    this.#leftNorm = new Float32Array(batch);
    this.#rightNorm = new Float32Array(batch);
    this.#similar = new Float32Array(batch * batch);
  }

  /** One step over the chosen pairs; returns the mean loss of the left side in nats. */
  step(set: TrainingSet, chosen: ArrayLike<number>): number {
    const size = chosen.length;
    for (let i = 0; i < size; i++) {
      this.#leftNorm[i] = this.#embed(set, chosen[i] * 2, this.#left, i);
      this.#rightNorm[i] = this.#embed(set, chosen[i] * 2 + 1, this.#right, i);
    }
    const loss = this.#contrast(size);
    for (let i = 0; i < size; i++) {
      this.#spread(set, chosen[i] * 2, {
        gradient: this.#leftGradient,
        unit: this.#left,
        norm: this.#leftNorm[i],
        i,
      });
      this.#spread(set, chosen[i] * 2 + 1, {
        gradient: this.#rightGradient,
        unit: this.#right,
        norm: this.#rightNorm[i],
        i, // biome-ignore format: one line
      });
    }
    this.#update();
    return loss;
  }

  /** The unit vector of a bag into row `i` of `out`; returns its length before. */
  // biome-ignore lint/complexity/useMaxParams: called for every bag
  #embed({ at, term, weight }: TrainingSet, bag: number, out: Float32Array, i: number): number {
    const { values } = this;
    const { dimensions } = this.#options;
    const to = i * dimensions;
    out.fill(0, to, to + dimensions);
    for (let k = at[bag]; k < at[bag + 1]; k++) {
      const from = term[k] * dimensions;
      const w = weight[k];
      for (let d = 0; d < dimensions; d++) out[to + d] += w * values[from + d];
    }
    let square = 0;
    for (let d = to; d < to + dimensions; d++) square += out[d] * out[d];
    const norm = Math.sqrt(square) + 1e-6;
    for (let d = to; d < to + dimensions; d++) out[d] /= norm;
    return norm;
  }

  /** Similarities, both softmaxes, and the gradients of the unit vectors. */
  #contrast(size: number): number {
    const { temperature } = this.#options;
    const s = this.#similar;
    this.#compare(size, 1 / temperature);
    const columnTotal = new Float64Array(size);
    // Unit vectors: nothing exceeds 1 / temperature, which is what is taken off before exp.
    const top = 1 / temperature;
    let loss = 0;
    for (let i = 0; i < size; i++) {
      let total = 0;
      for (let j = 0; j < size; j++) {
        const e = Math.exp(s[i * size + j] - top);
        total += e;
        columnTotal[j] += e;
        s[i * size + j] = e;
      }
      loss -= Math.log(s[i * size + i] / total + 1e-9);
      this.#leftGradient[i] = total;
    }
    const rowTotal = this.#leftGradient.slice(0, size);
    const factor = 1 / (2 * size * temperature);
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) {
        const e = s[i * size + j];
        s[i * size + j] = (e / rowTotal[i] + e / columnTotal[j] - (i === j ? 2 : 0)) * factor;
      }
    }
    this.#gradients(size);
    return loss / size;
  }

  #compare(size: number, factor: number): void {
    const { dimensions } = this.#options;
    const [left, right, s] = [this.#left, this.#right, this.#similar];
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) {
        let dot = 0;
        for (let d = 0, a = i * dimensions, b = j * dimensions; d < dimensions; d++)
          dot += left[a + d] * right[b + d];
        s[i * size + j] = dot * factor;
      }
    }
  }

  #gradients(size: number): void {
    const { dimensions } = this.#options;
    const [left, right, s] = [this.#left, this.#right, this.#similar];
    const [toLeft, toRight] = [this.#leftGradient, this.#rightGradient];
    toLeft.fill(0);
    toRight.fill(0);
    for (let i = 0; i < size; i++) {
      const a = i * dimensions;
      for (let j = 0; j < size; j++) {
        const g = s[i * size + j];
        if (g < 1e-9 && g > -1e-9) continue;
        const b = j * dimensions;
        for (let d = 0; d < dimensions; d++) {
          toLeft[a + d] += g * right[b + d];
          toRight[b + d] += g * left[a + d];
        }
      }
    }
  }

  /** From the gradient of a unit vector to those of the rows of its bag. */
  #spread(
    { at, term, weight }: TrainingSet,
    bag: number,
    { gradient, unit, norm, i }: { gradient: Float32Array; unit: Float32Array; norm: number; i: number },
  ): void {
    const { dimensions } = this.#options;
    const from = i * dimensions;
    let along = 0;
    for (let d = from; d < from + dimensions; d++) along += gradient[d] * unit[d];
    for (let d = from; d < from + dimensions; d++) gradient[d] = (gradient[d] - unit[d] * along) / norm;
    for (let k = at[bag]; k < at[bag + 1]; k++) {
      const row = term[k];
      if (this.#isTouched[row] === 0) {
        this.#isTouched[row] = 1;
        this.#touched.push(row);
      }
      const to = row * dimensions;
      const w = weight[k];
      for (let d = 0; d < dimensions; d++) this.#gradient[to + d] += w * gradient[from + d];
    }
  }

  /** Adam (Kingma and Ba 2015) without bias correction, on the rows that were touched. */
  #update(): void {
    const { dimensions, learning_rate, warm_up, steps } = this.#options;
    this.#step++;
    const rate = learning_rate * Math.min(1, this.#step / warm_up) * (1 - (0.9 * this.#step) / steps);
    for (const row of this.#touched) {
      for (let d = row * dimensions; d < (row + 1) * dimensions; d++) {
        const g = this.#gradient[d];
        this.#gradient[d] = 0;
        this.#mean[d] = BETA_1 * this.#mean[d] + (1 - BETA_1) * g;
        this.#square[d] = BETA_2 * this.#square[d] + (1 - BETA_2) * g * g;
        this.values[d] -= (rate * this.#mean[d]) / (Math.sqrt(this.#square[d]) + EPSILON);
      }
      this.#isTouched[row] = 0;
    }
    this.#touched = [];
  }
}
