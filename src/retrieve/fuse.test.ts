import { expect, test } from "vitest";
import { FUSION_K, fuse } from "./fuse.ts";

const byNumber = (a: number, b: number): boolean => a < b;
const order = (...rankings: number[][]): number[] => fuse(rankings, byNumber).map(({ item }) => item);

test("the sum of 1 / (60 + place)", () => {
  const [first, second] = fuse(
    [
      [7, 8],
      [8, 9, 7],
    ],
    byNumber,
  );
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
  expect(fuse([[1, 1, 2]], byNumber)[1]).toMatchObject({ item: 2, places: [2] });
});

test("a smaller k makes first places count more", () => {
  const rankings = [
    [1, 2, 3],
    [3, 2, 9],
    [4, 2, 8],
  ];
  expect(fuse(rankings, byNumber)[0]?.item).toBe(2);
  expect(fuse(rankings, byNumber, 0)[0]?.item).toBe(2);
  expect(
    fuse(
      [
        [1, 2],
        [3, 2],
      ],
      byNumber,
      0,
    ).map(({ item }) => item),
  ).toEqual([1, 2, 3]);
});
