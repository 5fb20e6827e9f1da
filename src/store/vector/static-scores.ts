/** Scores of every chunk of a lexical index by the static embedding. Made once an index by retrieve. */
import type { TermVectors } from "../../model/term-vectors.ts";
import type { RowScores } from "../contract/vectors.ts";
import type { Segment } from "../lexical/segment.ts";
import { CodeMatrix } from "./matrix.ts";
import { checkDimensions, quantise, unitScale } from "./quantise.ts";
import { staticVectors } from "./static.ts";

export class StaticScores implements RowScores {
  readonly #matrix: CodeMatrix;
  readonly #table: TermVectors;

  /**
   * Reads the vectors of these segments: within the snapshot that they were read in. `before` has the rows of those
   * that went before, as many as `rows`; it is of no use afterwards.
   */
  constructor(
    segments: readonly Segment[],
    table: TermVectors,
    before?: { scores: StaticScores; rows: number },
  ) {
    this.#table = table;
    this.#matrix = before ? before.scores.#matrix : new CodeMatrix(table.dimensions);
    this.#matrix.rows = before?.rows ?? 0;
    for (const segment of segments) {
      const { codes, scales } = staticVectors(segment, table);
      this.#matrix.append(codes, scales);
    }
  }

  get rows(): number {
    return this.#matrix.rows;
  }

  scores(query: Float32Array | Int8Array, into: Float32Array): void {
    checkDimensions(query.length, this.#table);
    const codes = query instanceof Int8Array ? query : new Int8Array(query.length);
    const scale = query instanceof Int8Array ? unitScale(query) : quantise(query, codes);
    this.#matrix.scan(codes, scale);
    this.#matrix.copyScores(into);
  }
}
