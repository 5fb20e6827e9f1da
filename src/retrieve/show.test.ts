import { describe, expect, it } from "vitest";
import type { Entity } from "../model/outline.ts";
import { entityAt } from "./show.ts";

const entity = (name: string, type: Entity["type"], lines: [start: number, end: number]): Entity => ({
  name: name.split(".").at(-1)!,
  qualified: name,
  type,
  start_line: lines[0],
  end_line: lines[1],
  name_line: lines[0],
  indent: 0,
});

const entities = [
  entity("Shop", "class", [1, 60]),
  entity("Shop.open", "method", [5, 20]),
  entity("Shop.close", "method", [30, 40]),
  entity("Point", "class", [70, 70]),
  entity("Point.x", "variable", [70, 70]),
];

describe("the entity that a piece of a file is called after", () => {
  it.each([
    ["the method around the line", "Shop.open", { focus: 7, start: 6, end: 20 }],
    ["the class whose head is seen", "Shop", { focus: 2, start: 1, end: 20 }],
    ["the method that begins below, not the class above", "Shop.close", { focus: 26, start: 24, end: 40 }],
    ["the class, where no definition begins", "Shop", { focus: 50, start: 45, end: 60 }],
    ["of those on one line the last", "Point.x", { focus: 70, start: 65, end: 75 }],
    ["what is asked for", "Point", { focus: 70, start: 65, end: 75, words: new Set(["point"]) }],
    ["nothing, where there is none", undefined, { focus: 65, start: 62, end: 66 }],
  ])("%s", (_name, expected, range) => {
    expect(entityAt("a.ts", entities, range).entity_name).toBe(expected);
  });
});
