import fc from "fast-check";
import { expect, test } from "vitest";
import { leaf, StateDigest } from "../records/digest.ts";
import { chainHash, OperationPack, unpackOperations } from "./chain.ts";

const number = fc.oneof(
  fc.constantFrom(0, 127, 128, 16383, 16384, 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER),
  fc.maxSafeNat(),
);
const operation = fc.record({ kid: number, from: number, to: number, back: fc.nat(1000) });

test("packed operations come back as they were", () => {
  fc.assert(
    fc.property(
      fc.array(operation, { maxLength: 100 }),
      fc.integer({ min: 1000, max: 1e9 }),
      (operations, first) => {
        const pack = new OperationPack();
        for (const { kid, from, to, back } of operations) pack.add(kid, from, to, back);
        expect(pack.count).toBe(operations.length);
        const unpacked = unpackOperations(pack.bytes(), pack.count, first)!;
        expect([...unpacked.kid]).toEqual(operations.map(({ kid }) => kid));
        expect([...unpacked.from]).toEqual(operations.map(({ from }) => from));
        expect([...unpacked.to]).toEqual(operations.map(({ to }) => to));
        expect([...unpacked.previous]).toEqual(operations.map(({ back }, i) => back && first + i - back));
      },
    ),
  );
});

test("bytes that are not as many whole operations are not unpacked", () => {
  const pack = new OperationPack();
  pack.add(300, 1, 70000, 5);
  const bytes = pack.bytes();
  for (let length = 0; length < bytes.length; length++) {
    expect(unpackOperations(bytes.subarray(0, length), 1, 9)).toBeUndefined();
  }
  expect(unpackOperations(bytes, 2, 9)).toBeUndefined();
  expect(unpackOperations(bytes, 0, 9)).toBeUndefined();
  expect(unpackOperations(bytes, -1, 9)).toBeUndefined();
});

test("the chain's hash depends on everything it covers", () => {
  const author = { agent: "a", session: null, principal: null, request_id: null, intent: null };
  const counts = { last_seq: 1, operations: 1, created: 1, updated: 0, removed: 0, detail: null };
  const header = { tx: 1, branch: 1, kind: "write", at: 0, ...author, ...counts };
  const bytes = (value: number): Uint8Array => new Uint8Array(32).fill(value);
  const sealed = { header, operations: bytes(1), digest: bytes(3) };
  const hashes = [
    chainHash(bytes(0), sealed),
    chainHash(bytes(9), sealed),
    chainHash(bytes(0), { ...sealed, operations: bytes(9) }),
    chainHash(bytes(0), { ...sealed, digest: bytes(9) }),
    ...Object.keys(header).map((field) =>
      chainHash(bytes(0), { ...sealed, header: { ...header, [field]: "other" } }),
    ),
  ].map((hash) => Buffer.from(hash).toString("hex"));
  expect(new Set(hashes).size).toBe(hashes.length);
});

test("a digest that gained and lost the same leaves is what it was, also across its serialised form", () => {
  const hash = new Uint8Array(32).fill(255);
  const leaves = Array.from({ length: 1000 }, (_, i) => leaf(`key ${i}`, hash));
  const empty = new StateDigest().bytes();
  expect(empty).toEqual(new Uint8Array(32));
  const digest = new StateDigest();
  for (const one of leaves) digest.add(one);
  const full = digest.bytes();
  const again = new StateDigest(full);
  for (const one of leaves.slice(500)) again.subtract(one);
  const half = new StateDigest(again.bytes());
  for (const one of leaves.slice(0, 500)) half.subtract(one);
  expect(half.bytes()).toEqual(empty);
  // Below zero it wraps around, and back.
  half.subtract(leaves[0]);
  half.add(leaves[0]);
  expect(half.bytes()).toEqual(empty);
});

test("a leaf tells where the key ends", () => {
  const hash = new Uint8Array(32).fill(65);
  expect(leaf("a", hash)).not.toEqual(leaf("aA", hash));
  expect(leaf("k".repeat(5000), hash)).toHaveLength(32);
});
