import { describe, expect, it } from "vitest";
import { entityIds, knownIds } from "./entity-ids.ts";

type Named = Parameters<typeof entityIds>[1][number];
const method = (qualified: string, overload?: string): Named => ({
  qualified,
  type: "method",
  ...(overload !== undefined && { overload }),
});

const ids = (...entities: Named[]): string[] => entityIds("A.java", entities);
const named = (id: string, ...entities: Named[]): number | undefined => knownIds("A.java", entities).get(id);

describe("ids", () => {
  it("are a name alone while nothing shares it", () => {
    expect(ids(method("O.put", "(int)"), method("O.get", "()"))).toEqual(["A.java#O.put", "A.java#O.get"]);
  });

  it("have the types where a name is shared, and a number for what is the same even so", () => {
    const put = method("O.put", "(int)");
    expect(ids(put, method("O.put", "(String)"), put)).toEqual([
      "A.java#O.put(int)",
      "A.java#O.put(String)",
      "A.java#O.put(int)~2",
    ]);
  });

  it("of a method and a field of one name do not depend on which comes first", () => {
    const field: Named = { qualified: "O.size", type: "variable" };
    expect(ids(field, method("O.size", "()"))).toEqual(["A.java#O.size", "A.java#O.size()"]);
    expect(ids(method("O.size", "()"), field)).toEqual(["A.java#O.size()", "A.java#O.size"]);
  });

  it("are numbered in languages that have no overloads", () => {
    expect(ids(method("f"), method("f"))).toEqual(["A.java#f", "A.java#f~2"]);
  });

  it("take no types because a name is exported", () => {
    expect(ids(method("f", "(a)"), { qualified: "f", type: "export" })).toEqual(["A.java#f", "A.java#f~2"]);
  });
});

describe("an id that was one before", () => {
  const int = method("O.put", "(int)");
  const text = method("O.put", "(String)");

  it("names the first and the second of those that share it", () => {
    expect(named("A.java#O.put", int, text)).toBe(0);
    expect(named("A.java#O.put~2", int, text)).toBe(1);
  });

  it("with types names what is now alone", () => {
    expect(named("A.java#O.put(int)", int)).toBe(0);
  });

  it("with types is not moved by an overload above", () => {
    expect(named("A.java#O.put(int)", text, int)).toBe(1);
    expect(named("A.java#O.put(int)", int, text)).toBe(0);
  });

  it("names nothing where there is nothing", () => {
    expect(named("A.java#O.put(long)", int, text)).toBeUndefined();
    expect(named("A.java#O.put~3", int, text)).toBeUndefined();
  });
});
