import { expect, test } from "vitest";
import { FUSION_K, fuse, standingOut } from "./fuse.ts";

const byNumber = (a: number, b: number): boolean => a < b;
const fuseAll = (rankings: number[][], k?: number) =>
  fuse(
    rankings.map((items) => ({ items, weight: 1 })),
    byNumber,
    k,
  );
const order = (...rankings: number[][]): number[] => fuseAll(rankings).map(({ item }) => item);

test("the sum of 1 / (60 + place)", () => {
  const [first, second] = fuseAll([
    [7, 8],
    [8, 9, 7],
  ]);
  expect(FUSION_K).toBe(60);
  expect(first).toEqual({ item: 8, score: 1 / 62 + 1 / 61, places: [2, 1] });
  expect(second).toEqual({ item: 7, score: 1 / 61 + 1 / 63, places: [1, 3] });
});

test("one ranking keeps its order, none gives nothing", () => {
  expect(order([3, 1, 2])).toEqual([3, 1, 2]);
  expect(order([3, 1, 2], [])).toEqual([3, 1, 2]);
  expect(order([], [])).toEqual([]);
  expect(order()).toEqual([]);
});

test("what both have comes before what one has, and that is not lost", () => {
  expect(order([1, 2, 3], [4, 3, 5])).toEqual([3, 1, 4, 2, 5]);
});

test("an item counts once a ranking", () => {
  expect(order([1, 1, 1, 2], [2])).toEqual([2, 1]);
  expect(fuseAll([[1, 1, 2]])[1]).toMatchObject({ item: 2, places: [2] });
});

test("a smaller k makes first places count more", () => {
  const rankings = [
    [1, 2, 3],
    [3, 2, 9],
    [4, 2, 8],
  ];
  expect(fuseAll(rankings)[0]?.item).toBe(2);
  expect(fuseAll(rankings, 0)[0]?.item).toBe(2);
  expect(
    fuseAll(
      [
        [1, 2],
        [3, 2],
      ],
      0,
    ).map(({ item }) => item),
  ).toEqual([1, 2, 3]);
});

test("a ranking counts by its weight", () => {
  const joined = fuse(
    [
      { items: [1, 2], weight: 1 },
      { items: [2, 1], weight: 0.5 },
      { items: [9], weight: 0 },
    ],
    byNumber,
  );
  expect(joined.map(({ item }) => item)).toEqual([1, 2, 9]);
  expect(joined[0]?.score).toBeCloseTo(1 / 61 + 0.5 / 62, 12);
});

test("what stands out is counted in standard deviations over all documents", () => {
  const out = standingOut(
    [
      { document: 7, cosine: 0.8 },
      { document: 3, cosine: 0.2 },
    ],
    10,
  );
  const deviation = Math.sqrt((0.64 + 0.04) / 10 - 0.1 * 0.1);
  expect(out.get(7)).toBeCloseTo(0.7 / deviation, 9);
  expect(out.get(3)).toBeCloseTo(0.1 / deviation, 9);
  expect(out.get(1)).toBeUndefined();
});

test("nothing stands out where all are alike, and nothing is NaN", () => {
  const alike = [1, 2, 3].map((document) => ({ document, cosine: 0.5 }));
  expect(standingOut(alike, 3).size).toBe(0);
  expect(standingOut([], 0).size).toBe(0);
  expect(standingOut([{ document: 1, cosine: 0.5 }], 1).size).toBe(0);
});
