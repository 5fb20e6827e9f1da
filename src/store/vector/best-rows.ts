/** The best so many of many scored rows, without sorting all of them: a heap with the worst on top. Used by embedded.ts. */

export class BestRows {
  length = 0;
  readonly rows: Int32Array;
  readonly #scores: Float32Array;
  readonly #isBefore: (a: number, b: number) => boolean;

  /** `isBefore` orders rows of equal score. */
  constructor(capacity: number, isBefore: (a: number, b: number) => boolean) {
    this.rows = new Int32Array(capacity);
    this.#scores = new Float32Array(capacity);
    this.#isBefore = isBefore;
  }

  /** A score below this one is not among the best. */
  get floor(): number {
    return this.length < this.rows.length ? Number.NEGATIVE_INFINITY : this.#scores[0];
  }

  /** Whether `add` would keep it. */
  takes(row: number, score: number): boolean {
    if (this.length < this.rows.length) return true;
    return this.length > 0 && this.#isWorse(0, row, score);
  }

  /** Keeps the row if it is among the best so far. */
  add(row: number, score: number): void {
    if (!this.takes(row, score)) return;
    if (this.length < this.rows.length) this.#rise(this.length++, row, score);
    else this.#sink(row, score);
  }

  #isWorse(at: number, row: number, score: number): boolean {
    const difference = this.#scores[at] - score;
    return difference < 0 || (difference === 0 && this.#isBefore(row, this.rows[at]));
  }

  #rise(from: number, row: number, score: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#isWorse(parent, row, score)) break;
      this.#copy(parent, at);
      at = parent;
    }
    this.rows[at] = row;
    this.#scores[at] = score;
  }

  #sink(row: number, score: number): void {
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= this.length) break;
      if (child + 1 < this.length && this.#isWorse(child + 1, this.rows[child], this.#scores[child])) child++;
      if (!this.#isWorse(child, row, score)) break;
      this.#copy(child, at);
      at = child;
    }
    this.rows[at] = row;
    this.#scores[at] = score;
  }

  #copy(from: number, to: number): void {
    this.rows[to] = this.rows[from];
    this.#scores[to] = this.#scores[from];
  }
}
