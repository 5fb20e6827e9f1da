/**
 * Writes a WebAssembly module byte by byte: just what kernel.ts needs, one function for each instruction.
 * Names and numbers are those of the specification's binary format (webassembly.github.io/spec/core/binary).
 */

/** Bytes of one or more instructions. */
export type Code = readonly number[];

/** Unsigned LEB128. */
function unsigned(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest & 127) | 128);
  }
}

/** Signed LEB128, for constants. */
function signed(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7) {
    const byte = rest & 127;
    if (rest >> 7 === (byte & 64 ? -1 : 0)) return [...bytes, byte];
    bytes.push(byte | 128);
  }
}

const vector = (list: readonly Code[]): number[] => [...unsigned(list.length), ...list.flat()];
const sized = (bytes: Code): number[] => [...unsigned(bytes.length), ...bytes];
const name = (text: string): number[] => sized([...Buffer.from(text)]);
const simd = (instruction: number, immediate: Code = []): Code => [
  0xfd,
  ...unsigned(instruction),
  ...immediate,
];

export const type = { i32: 0x7f, f32: 0x7d, v128: 0x7b } as const;
type ValueType = (typeof type)[keyof typeof type];

export const local = {
  get: (index: number): Code => [0x20, ...unsigned(index)],
  set: (index: number): Code => [0x21, ...unsigned(index)],
};

export const i32 = {
  constant: (value: number): Code => [0x41, ...signed(value)],
  /** Of a multiple of four. */
  load: [0x28, 2, 0] as Code,
  add: [0x6a] as Code,
  lessUnsigned: [0x49] as Code,
  multiply: [0x6c] as Code,
  shiftLeft: [0x74] as Code,
};

/** Addresses are a multiple of 16 wherever kernel.ts loads; the alignment is a hint. */
const ALIGNMENT = 4;

export const f32 = {
  /** Of a multiple of four. */
  load: (offset: number): Code => [0x2a, 2, ...unsigned(offset)],
};

export const v128 = {
  load: (offset = 0): Code => simd(0x00, [ALIGNMENT, ...unsigned(offset)]),
  store: simd(0x0b, [ALIGNMENT, 0]),
  zero: simd(0x0c, new Array<number>(16).fill(0)),
  /** Lanes of four bytes out of two vectors: 0-3 are the first one's, 4-7 the second one's. */
  shuffle: (...lanes: [number, number, number, number]): Code =>
    simd(
      0x0d,
      lanes.flatMap((lane) => [0, 1, 2, 3].map((byte) => lane * 4 + byte)),
    ),
};

export const i16x8 = {
  extendLowI8: simd(0x87),
  extendHighI8: simd(0x88),
};

export const i32x4 = {
  add: simd(0xae),
  /** Eight products of signed 16-bit numbers, added up in pairs. */
  dotI16: simd(0xba),
};

export const f32x4 = {
  splat: simd(0x13),
  add: simd(0xe4),
  multiply: simd(0xe6),
  convertI32: simd(0xfa),
};

/** Runs `body`, and again while `condition` leaves something other than 0. */
export const repeat = (body: Code, condition: Code): Code => [
  0x03,
  0x40,
  ...body,
  ...condition,
  0x0d,
  0,
  0x0b,
];

export interface Exported {
  name: string;
  parameters: readonly ValueType[];
  /** Numbered after the parameters. */
  locals: readonly ValueType[];
  body: Code;
}

/** A module whose functions return nothing, are all exported, and work on the memory imported as `host.memory`. */
export function moduleOf(functions: readonly Exported[]): Uint8Array<ArrayBuffer> {
  const section = (id: number, content: Code): Code => [id, ...sized(content)];
  const index = functions.map((_, i) => i);
  return Uint8Array.from([
    0x00,
    0x61,
    0x73,
    0x6d,
    1,
    0,
    0,
    0,
    ...section(
      1,
      vector(functions.map(({ parameters }) => [0x60, ...vector(parameters.map((p) => [p])), 0])),
    ),
    ...section(2, vector([[...name("host"), ...name("memory"), 0x02, 0x00, 0]])),
    ...section(3, vector(index.map((i) => [i]))),
    ...section(7, vector(index.map((i) => [...name(functions[i].name), 0x00, i]))),
    ...section(
      10,
      vector(
        functions.map(({ locals, body }) => sized([...vector(locals.map((one) => [1, one])), ...body, 0x0b])),
      ),
    ),
  ]);
}
