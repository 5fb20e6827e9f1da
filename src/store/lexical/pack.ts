/**
 * Named typed arrays and lists of strings in one block of bytes, and back as views without copying.
 * The stored form of lexical segments and of vectors: a header (JSON: name -> type, offset, length), then the arrays, 8-byte aligned.
 * Numbers are in the machine's byte order, little-endian on every platform Node runs on today.
 */

const arrays = { Int8Array, Uint8Array, Uint16Array, Int32Array, Uint32Array, Float32Array, Float64Array };
type ArrayName = keyof typeof arrays;
export type Column =
  | Int8Array
  | Uint8Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;
export type Columns = Record<string, Column | string[]>;

type Header = Record<string, [type: ArrayName | "strings", offset: number, length: number]>;

const align = (offset: number): number => (offset + 7) & ~7;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function pack(columns: Columns): Uint8Array {
  const parts: Uint8Array[] = [];
  const header: Header = {};
  let offset = 0;
  for (const [name, column] of Object.entries(columns)) {
    const isStrings = Array.isArray(column);
    const bytes = isStrings
      ? encoder.encode(JSON.stringify(column))
      : new Uint8Array(column.buffer, column.byteOffset, column.byteLength);
    const type = isStrings ? "strings" : (column.constructor.name as ArrayName);
    header[name] = [type, offset, isStrings ? bytes.length : column.length];
    parts.push(bytes);
    offset = align(offset + bytes.length);
  }
  const head = encoder.encode(JSON.stringify(header));
  const start = align(4 + head.length);
  const out = new Uint8Array(start + offset);
  new DataView(out.buffer).setUint32(0, head.length, true);
  out.set(head, 4);
  let at = start;
  for (const part of parts) {
    out.set(part, at);
    at = align(at + part.length);
  }
  return out;
}

/** Views into `bytes`, which must start its own buffer; asks for what is not there are programming errors. */
export class Packed {
  readonly #bytes: Uint8Array;
  readonly #header: Header;
  readonly #start: number;

  constructor(bytes: Uint8Array) {
    const size = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
    this.#bytes = bytes;
    this.#header = JSON.parse(decoder.decode(bytes.subarray(4, 4 + size)));
    this.#start = align(4 + size);
  }

  column<T extends ArrayName>(name: string, type: T): InstanceType<(typeof arrays)[T]> {
    const [stored, offset, length] = this.#entry(name);
    if (stored !== type) throw new TypeError(`column ${name} holds ${stored}, not ${type}`);
    const make = arrays[type] as new (buffer: ArrayBufferLike, offset: number, length: number) => unknown;
    return new make(
      this.#bytes.buffer,
      this.#bytes.byteOffset + this.#start + offset,
      length,
    ) as InstanceType<(typeof arrays)[T]>;
  }

  /** An older segment may lack a column. */
  has(name: string): boolean {
    return this.#header[name] !== undefined;
  }

  strings(name: string): string[] {
    const [, offset, length] = this.#entry(name);
    const from = this.#start + offset;
    return JSON.parse(decoder.decode(this.#bytes.subarray(from, from + length)));
  }

  #entry(name: string): Header[string] {
    const entry = this.#header[name];
    if (!entry) throw new TypeError(`no column ${name}`);
    return entry;
  }
}
