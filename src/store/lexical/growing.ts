/** Typed arrays that grow as numbers are pushed; used while postings are collected. */

export class GrowingInts {
  values: Int32Array;
  length = 0;

  constructor(capacity = 1024) {
    this.values = new Int32Array(capacity);
  }

  push(value: number): void {
    if (this.length === this.values.length) {
      const larger = new Int32Array(this.length * 2);
      larger.set(this.values);
      this.values = larger;
    }
    this.values[this.length++] = value;
  }

  /** A copy of what was pushed, as unsigned numbers. */
  toUint32(): Uint32Array {
    return new Uint32Array(this.values.subarray(0, this.length));
  }
}

export class GrowingBytes {
  values: Uint8Array;
  length = 0;

  constructor(capacity = 65_536) {
    this.values = new Uint8Array(capacity);
  }

  reserve(more: number): void {
    if (this.length + more <= this.values.length) return;
    const larger = new Uint8Array(Math.max(this.values.length * 2, this.length + more));
    larger.set(this.values.subarray(0, this.length));
    this.values = larger;
  }

  append(bytes: Uint8Array, start: number, end: number): void {
    this.reserve(end - start);
    for (let i = start; i < end; i++) this.values[this.length++] = bytes[i];
  }

  /** Little-endian base 128, seven bits a byte. */
  varint(value: number): void {
    this.reserve(5);
    let rest = value >>> 0;
    while (rest > 127) {
      this.values[this.length++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    this.values[this.length++] = rest;
  }

  toBytes(): Uint8Array {
    return this.values.slice(0, this.length);
  }
}
