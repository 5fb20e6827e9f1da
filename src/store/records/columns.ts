/**
 * Columns of small numbers and strings as bytes: each number in as few bytes as it needs, each string once. One section
 * of a body is read in the order it was written in, and nothing outside of it is looked at. Used by file.ts.
 */
import { MomoError } from "../../errors.ts";

export const damaged = (reason: string): MomoError =>
  new MomoError("STORE_CORRUPT", { path: "the knowledge base", reason: `an outline: ${reason}` });

/** Lines and counts need fewer bits; it keeps the arithmetic in 32 bits. */
const largest = 2 ** 31 - 1;

export class ColumnWriter {
  #bytes = Buffer.allocUnsafe(4096);
  #length = 0;
  readonly #strings: string[] = [];
  readonly #known = new Map<string, number>();

  /** 0 or more. */
  number(value: number): void {
    if (value < 0 || value > largest || !Number.isInteger(value))
      throw new RangeError(`no column value: ${value}`);
    if (this.#length + 5 > this.#bytes.length) this.#grow();
    let rest = value;
    while (rest > 127) {
      this.#bytes[this.#length++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    this.#bytes[this.#length++] = rest;
  }

  #grow(): void {
    const larger = Buffer.allocUnsafe(this.#bytes.length * 2);
    this.#bytes.copy(larger);
    this.#bytes = larger;
  }

  /** Of either sign: small ones stay small. */
  signed(value: number): void {
    this.number(value < 0 ? -value * 2 - 1 : value * 2);
  }

  /** A new string is 0, a known one says how far back it was new: most are new, or were so a moment ago. */
  string(value: string): void {
    const known = this.#known.get(value);
    if (known !== undefined) {
      this.number(this.#strings.length - known);
      return;
    }
    this.#known.set(value, this.#strings.length);
    this.text(value);
  }

  /** A string that hardly comes twice: it is not looked for among the others. Read as `string`. */
  text(value: string): void {
    this.number(0);
    this.#strings.push(value);
  }

  /** Numbers, then the length of each string, then all strings as one text. */
  finish(): Buffer {
    const lengths = new ColumnWriter();
    lengths.number(this.#length);
    lengths.number(this.#strings.length);
    for (const one of this.#strings) lengths.number(one.length);
    return Buffer.concat([
      lengths.#bytes.subarray(0, lengths.#length),
      this.#bytes.subarray(0, this.#length),
      Buffer.from(this.#strings.join("")),
    ]);
  }
}

export class ColumnReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  #end: number;
  readonly #strings: string[];
  /** Strings that were new so far. */
  #known = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#end = bytes.length;
    const numbers = this.number();
    const lengths = Array.from({ length: this.count() }, () => this.number());
    this.#end = this.#at + numbers;
    if (this.#end > bytes.length) throw damaged("it ends too early");
    this.#strings = cut(
      Buffer.from(bytes.buffer, bytes.byteOffset + this.#end, bytes.length - this.#end),
      lengths,
    );
  }

  number(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      if (this.#at >= this.#end) throw damaged("it ends too early");
      const byte = this.#bytes[this.#at++]!;
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) {
        if (value > largest) break;
        return value;
      }
    }
    throw damaged("a number is too large");
  }

  signed(): number {
    const value = this.number();
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
  }

  /** How many of something follow, each of at least one byte: a damaged count asks for no memory. */
  count(): number {
    const value = this.number();
    if (value > this.#end - this.#at) throw damaged("it ends too early");
    return value;
  }

  string(): string {
    const back = this.number();
    const at = back === 0 ? this.#known++ : this.#known - back;
    const found = this.#strings[at];
    if (found === undefined || at >= this.#known) throw damaged("a string is missing");
    return found;
  }

  /** `count` numbers; the next column follows. */
  numbers(count: number): number[] {
    return Array.from({ length: count }, () => this.number());
  }

  strings(count: number): string[] {
    return Array.from({ length: count }, () => this.string());
  }

  /** Nothing may be left. */
  close(): void {
    if (this.#at !== this.#end || this.#known !== this.#strings.length)
      throw damaged("it goes on after its end");
  }
}

function cut(text: Buffer, lengths: number[]): string[] {
  const whole = text.toString();
  let at = 0;
  const strings = lengths.map((length) => {
    at += length;
    return whole.slice(at - length, at);
  });
  if (at !== whole.length) throw damaged("its strings are not as long as they say");
  return strings;
}
