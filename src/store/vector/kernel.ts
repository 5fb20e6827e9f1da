/**
 * Dot products of one query with many rows, in WebAssembly SIMD: 16 numbers of four rows at a time; and a row added to
 * many. The module is put together here, instruction by instruction, and compiled when it is first asked for. Used by
 * matrix.ts and row-sums.ts, which lay out the memory.
 *
 * The dot products walk over groups of four rows, so that a group's sums can be stored as one vector. So the memory
 * behind the last row must exist up to a multiple of four rows.
 */
import {
  type Code,
  type Exported,
  f32,
  f32x4,
  i16x8,
  i32,
  i32x4,
  local,
  moduleOf,
  repeat,
  type,
  v128,
} from "./wasm.ts";

/** Node has it, TypeScript's `lib` has it only together with the browser's. */
interface WebAssemblyApi {
  Memory: new (limits: { initial: number; maximum: number }) => KernelMemory;
  Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  Instance: new (module: object, imports: object) => { exports: object };
}
const wasm = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;

export interface KernelMemory {
  /** Another one after each `grow`. */
  readonly buffer: ArrayBuffer;
  /** By so many pages of 64 KiB. */
  grow(pages: number): number;
}

/** Addresses in the memory, multiples of 16. */
interface Operands {
  query: number;
  /** First row; the others follow at a distance of `stride` bytes. */
  values: number;
  /** A multiple of 16. */
  stride: number;
  /** A score for each row; written up to the next multiple of four rows. */
  out: number;
}

export interface CodeOperands extends Operands {
  /** A float32 for each row. */
  scales: number;
}

export interface SumOperands {
  /** What is added. */
  row: number;
  /** Number of a target row (uint32) and a weight (float32), one pair after the other. */
  entries: number;
  /** Target row 0; the others follow at a distance of `stride` bytes. */
  sums: number;
  /** A multiple of 16. */
  stride: number;
}

export interface Kernel {
  memory: KernelMemory;
  /** sums[entry.row][k] += entry.weight * row[k], rounded to float32 after each step, entry by entry. */
  addF32(entries: number, operands: SumOperands): void;
  /**
   * out[r] = f32(sum(query[k] * values[r][k])) * scales[r] * scale, rounded to float32 after each step. `query` holds
   * 16-bit numbers, `values` 8-bit ones. Sums are exact below 2^31: up to 133,000 dimensions.
   */
  dotI8(rows: number, operands: CodeOperands, scale: number): void;
  /**
   * out[r] = sum(query[k] * values[r][k]), all float32. Four sums, one for each k mod 4, are formed in the order of k and
   * rounded at every step; the result is (s0 + s2) + (s1 + s3).
   */
  dotF32(rows: number, operands: Operands): void;
}

const GROUP = 4;

/** Local variables of both functions: the parameters, then what they count with. */
const at = {
  query: 0,
  row: 1,
  out: 2,
  end: 3,
  stride: 4,
  scales: 5,
  scale: 6,
  column: 7,
  sums: 8,
  queryLow: 12,
  queryHigh: 13,
  values: 14,
};
const parameters = [type.i32, type.i32, type.i32, type.i32, type.i32, type.i32, type.f32];
const locals = [type.i32, ...new Array<typeof type.v128>(7).fill(type.v128)];

const each = (step: (row: number) => Code): Code => [0, 1, 2, 3].flatMap(step);
const add = (target: number, amount: Code): Code => [
  ...local.get(target),
  ...amount,
  ...i32.add,
  ...local.set(target),
];

/** Address of 16 bytes of a row of the group. */
const place = (row: number): Code => [
  ...local.get(at.row),
  ...local.get(at.column),
  ...i32.add,
  ...local.get(at.stride),
  ...i32.constant(row),
  ...i32.multiply,
  ...i32.add,
];

/** Leaves the four sums of four vectors of four numbers as one vector, each ((0 + 2) + (1 + 3)). */
function total(plus: Code): Code {
  const halves = (first: number, lanes: [number, number, number, number]): Code => [
    ...local.get(at.sums + first),
    ...local.get(at.sums + first + 1),
    ...v128.shuffle(...lanes),
  ];
  const pair = (first: number): Code => [
    ...halves(first, [0, 4, 1, 5]),
    ...halves(first, [2, 6, 3, 7]),
    ...plus,
  ];
  return [
    ...pair(0),
    ...local.set(at.queryLow),
    ...pair(2),
    ...local.set(at.queryHigh),
    ...local.get(at.queryLow),
    ...local.get(at.queryHigh),
    ...v128.shuffle(0, 1, 4, 5),
    ...local.get(at.queryLow),
    ...local.get(at.queryHigh),
    ...v128.shuffle(2, 3, 6, 7),
    ...plus,
  ];
}

/** The two loops: over groups of rows, and over 16 bytes of each. */
function scan(name: string, { step, finish }: { step: Code; finish: Code }): Exported {
  const columns = repeat(
    [...step, ...add(at.column, i32.constant(16))],
    [...local.get(at.column), ...local.get(at.stride), ...i32.lessUnsigned],
  );
  const group: Code = [
    ...each((row) => [...v128.zero, ...local.set(at.sums + row)]),
    ...i32.constant(0),
    ...local.set(at.column),
    ...columns,
    ...local.get(at.out),
    ...finish,
    ...v128.store,
    ...add(at.row, [...local.get(at.stride), ...i32.constant(2), ...i32.shiftLeft]),
    ...add(at.out, i32.constant(16)),
    ...add(at.scales, i32.constant(16)),
  ];
  const more: Code = [...local.get(at.out), ...local.get(at.end), ...i32.lessUnsigned];
  return { name, parameters, locals, body: repeat(group, more) };
}

/** The query's 16-bit numbers take twice the bytes of a row's 8-bit ones. */
const queryAddress: Code = [
  ...local.get(at.query),
  ...local.get(at.column),
  ...i32.constant(1),
  ...i32.shiftLeft,
  ...i32.add,
];

const dotI8 = scan("dotI8", {
  step: [
    ...queryAddress,
    ...v128.load(0),
    ...local.set(at.queryLow),
    ...queryAddress,
    ...v128.load(16),
    ...local.set(at.queryHigh),
    ...each((row) => [
      ...place(row),
      ...v128.load(),
      ...local.set(at.values),
      ...local.get(at.sums + row),
      ...local.get(at.values),
      ...i16x8.extendLowI8,
      ...local.get(at.queryLow),
      ...i32x4.dotI16,
      ...i32x4.add,
      ...local.get(at.values),
      ...i16x8.extendHighI8,
      ...local.get(at.queryHigh),
      ...i32x4.dotI16,
      ...i32x4.add,
      ...local.set(at.sums + row),
    ]),
  ],
  finish: [
    ...total(i32x4.add),
    ...f32x4.convertI32,
    ...local.get(at.scales),
    ...v128.load(),
    ...f32x4.multiply,
    ...local.get(at.scale),
    ...f32x4.splat,
    ...f32x4.multiply,
  ],
});

const dotF32 = scan("dotF32", {
  step: [
    ...local.get(at.query),
    ...local.get(at.column),
    ...i32.add,
    ...v128.load(),
    ...local.set(at.queryLow),
    ...each((row) => [
      ...local.get(at.sums + row),
      ...place(row),
      ...v128.load(),
      ...local.get(at.queryLow),
      ...f32x4.multiply,
      ...f32x4.add,
      ...local.set(at.sums + row),
    ]),
  ],
  finish: total(f32x4.add),
});

const addF32 = ((): Exported => {
  const [row, entry, end, stride, sums, column, target, weight] = [0, 1, 2, 3, 4, 5, 6, 7];
  const address: Code = [...local.get(target), ...local.get(column), ...i32.add];
  const columns = repeat(
    [
      ...address,
      ...address,
      ...v128.load(),
      ...local.get(row),
      ...local.get(column),
      ...i32.add,
      ...v128.load(),
      ...local.get(weight),
      ...f32x4.multiply,
      ...f32x4.add,
      ...v128.store,
      ...add(column, i32.constant(16)),
    ],
    [...local.get(column), ...local.get(stride), ...i32.lessUnsigned],
  );
  const body = repeat(
    [
      ...local.get(entry),
      ...i32.load,
      ...local.get(stride),
      ...i32.multiply,
      ...local.get(sums),
      ...i32.add,
      ...local.set(target),
      ...local.get(entry),
      ...f32.load(4),
      ...f32x4.splat,
      ...local.set(weight),
      ...i32.constant(0),
      ...local.set(column),
      ...columns,
      ...add(entry, i32.constant(8)),
    ],
    [...local.get(entry), ...local.get(end), ...i32.lessUnsigned],
  );
  const parameters = new Array<typeof type.i32>(5).fill(type.i32);
  return { name: "addF32", parameters, locals: [type.i32, type.i32, type.v128], body };
})();

/** All 4 GiB that 32-bit addresses reach; nothing is used before it is grown. */
const MAX_PAGES = 65_536;

let compiled: object | undefined;

/** A kernel with a memory of its own, empty at first. */
export function createKernel(): Kernel {
  compiled ??= new wasm.Module(moduleOf([dotI8, dotF32, addF32]));
  const memory = new wasm.Memory({ initial: 0, maximum: MAX_PAGES });
  const { exports } = new wasm.Instance(compiled, { host: { memory } });
  const run = exports as Record<"dotI8" | "dotF32" | "addF32", (...values: number[]) => void>;
  const endOf = (out: number, rows: number): number => out + Math.ceil(rows / GROUP) * GROUP * 4;
  return {
    memory,
    addF32: (count, { row, entries, stride, sums }) => {
      if (count > 0) run.addF32(row, entries, entries + count * 8, stride, sums);
    },
    dotI8: (rows, { query, values, stride, out, scales }, scale) => {
      if (rows > 0) run.dotI8(query, values, out, endOf(out, rows), stride, scales, scale);
    },
    dotF32: (rows, { query, values, stride, out }) => {
      if (rows > 0) run.dotF32(query, values, out, endOf(out, rows), stride, 0, 0);
    },
  };
}
