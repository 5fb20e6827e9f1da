import fc from "fast-check";
import { expect, test } from "vitest";
import { authorize, type Effect, type Role, roleIn, roles } from "./roles.ts";

const odd = ["__proto__", "constructor", "toString", "hasOwnProperty", "*", "", "prototype", "valueOf"];
const names = fc.oneof(fc.constantFrom(...odd), fc.string({ maxLength: 8 }), fc.constantFrom("a", "b", "c"));
const entries = fc.array(fc.tuple(names, fc.constantFrom(...roles)), { maxLength: 6 });
const effects: readonly Effect[] = ["read", "write", "admin"];

const may = (grants: Readonly<Record<string, Role>>, workspace: string, effect: Effect): boolean => {
  try {
    authorize(grants, { workspace, effect, action: "test" });
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: "FORBIDDEN" });
    return false;
  }
};

test("exactly what was granted is allowed, whatever the names", () => {
  fc.assert(
    fc.property(entries, names, fc.constantFrom(...effects), (given, workspace, effect) => {
      // As grants come: from JSON, in which __proto__ is a name like any other.
      const grants = Object.fromEntries(new Map(given));
      const ranks = [...new Map(given)]
        .filter(([name]) => name === workspace || name === "*")
        .map(([, role]) => roles.indexOf(role));
      expect(may(grants, workspace, effect)).toBe(Math.max(-1, ...ranks) >= effects.indexOf(effect));
    }),
    { numRuns: 2000 },
  );
});

test("without a grant there is no role, also where every object has something of that name", () => {
  for (const workspace of odd) {
    expect(roleIn({}, workspace)).toBeUndefined();
    expect(roleIn({ shop: "admin" }, workspace)).toBeUndefined();
    expect(may({ shop: "admin" }, workspace, "read")).toBe(false);
  }
  expect(roleIn(JSON.parse('{"__proto__": "admin"}'), "shop")).toBeUndefined();
  expect(roleIn(JSON.parse('{"__proto__": {"shop": "admin"}}'), "shop")).toBeUndefined();
});

test("more roles allow more", () => {
  const allowed = roles.map((role) => effects.filter((effect) => may({ "*": role }, "shop", effect)));
  expect(allowed).toEqual([["read"], ["read", "write"], ["read", "write", "admin"]]);
});

test("the higher of both grants counts", () => {
  expect(roleIn({ "*": "admin", shop: "reader" }, "shop")).toBe("admin");
  expect(roleIn({ "*": "reader", shop: "admin" }, "shop")).toBe("admin");
  expect(roleIn({ "*": "reader", shop: "admin" }, "other")).toBe("reader");
});
