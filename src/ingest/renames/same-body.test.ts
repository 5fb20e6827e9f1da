import { expect, test } from "vitest";
import { type Definition, sameBody } from "./same-body.ts";

function definition(id: string, text: string): Definition {
  const [path = "", local = ""] = id.split("#");
  return { id, path, local, name: local.split(".").at(-1)!.split("(")[0]!, text };
}

function found(left: Record<string, string>, came: Record<string, string>): Record<string, string> {
  const all = (given: Record<string, string>) =>
    Object.entries(given).map(([id, text]) => definition(id, text));
  return Object.fromEntries(sameBody(all(left), all(came)).map(({ from, to }) => [from, to]));
}

const sum = (name: string): string =>
  `function ${name}(items) {\n  if (items.length === 0) return 0;\n  return items[0] + ${name}(items.slice(1));\n}`;
const shout = "function shout(text) {\n  console.log(text.toUpperCase(), text.length, Date.now());\n}";

test("the same body under another name, in the same file or another, is a rename", () => {
  expect(found({ "a.ts#sum": sum("sum") }, { "a.ts#total": sum("total") })).toEqual({
    "a.ts#sum": "a.ts#total",
  });
  expect(found({ "a.ts#sum": sum("sum") }, { "b.ts#sum": sum("sum") })).toEqual({ "a.ts#sum": "b.ts#sum" });
  expect(found({ "a.ts#sum": sum("sum") }, { "a.ts#shout": shout })).toEqual({});
});

test("white space does not count, and the own name only where it is a word", () => {
  const spaced = sum("total").replaceAll("\n", "\r\n\t").replaceAll("  ", "\t");
  expect(found({ "a.ts#sum": sum("sum") }, { "a.ts#total": spaced })).toEqual({ "a.ts#sum": "a.ts#total" });
  const other = (name: string, called: string): string =>
    sum(name).replace("Date", called).replace("0;", `${called};`);
  expect(found({ "a.ts#sum": other("sum", "sums") }, { "a.ts#total": other("total", "totals") })).toEqual({});
});

test("the old name or the new one may be a word of the body as well", () => {
  const text = (name: string): string =>
    `function ${name}(sum) {\n  log("one more to add", sum);\n  return sum.at(-1) ?? 0;\n}`;
  expect(found({ "a.ts#add": text("add") }, { "a.ts#put": text("put") })).toEqual({ "a.ts#add": "a.ts#put" });
  expect(found({ "a.ts#add": text("add") }, { "a.ts#sum": text("sum") })).toEqual({ "a.ts#add": "a.ts#sum" });
});

test("a body that is too short says nothing", () => {
  const getter = (name: string): string => `get ${name}() { return this.value; }`;
  expect(found({ "a.ts#one": getter("one") }, { "a.ts#two": getter("two") })).toEqual({});
  const three = (name: string): string => `get ${name}() {\n  return 1;\n}`;
  expect(found({ "a.ts#one": three("one") }, { "a.ts#two": three("two") })).toEqual({});
});

test("nothing is guessed: of equal bodies only those with the same name are paired", () => {
  expect(found({ "a.ts#f": sum("f") }, { "b.ts#g": sum("g"), "c.ts#h": sum("h") })).toEqual({});
  expect(found({ "a.ts#f": sum("f"), "b.ts#g": sum("g") }, { "c.ts#h": sum("h") })).toEqual({});
  const both = { "a.ts#f": sum("f"), "a.ts#g": sum("g") };
  expect(found(both, { "b.ts#f": sum("f"), "b.ts#g": sum("g") })).toEqual({
    "a.ts#f": "b.ts#f",
    "a.ts#g": "b.ts#g",
  });
  expect(found(both, { "b.ts#f": sum("f"), "b.ts#h": sum("h") })).toEqual({ "a.ts#f": "b.ts#f" });
  expect(found({ "a.ts#f": sum("f") }, { "b.ts#f": sum("f"), "c.ts#f": sum("f") })).toEqual({});
});

test("what lies in a class goes where the class went, however short it is", () => {
  const text = `class Cart {\n  size() { return 1; }\n  ${sum("sum")}\n  inner = class Deep { x() {} };\n}`;
  const left = { "a.ts#Cart": text, "a.ts#Cart.size": "size() { return 1; }", "a.ts#Cart.Deep.x": "x() {}" };
  const more = { "a.ts#Cart.Deep": "class Deep { x() {} }", "a.ts#Cart.put(a.B)": "put(b) {}" };
  const renamed = (given: Record<string, string>) =>
    Object.fromEntries(
      Object.entries(given).map(([id, own]) => [
        id.replace("a.ts#Cart", "b.ts#Basket"),
        own.replace("Cart", "Basket"),
      ]),
    );
  expect(found({ ...left, ...more }, renamed({ ...left, ...more }))).toEqual({
    "a.ts#Cart": "b.ts#Basket",
    "a.ts#Cart.size": "b.ts#Basket.size",
    "a.ts#Cart.Deep": "b.ts#Basket.Deep",
    "a.ts#Cart.Deep.x": "b.ts#Basket.Deep.x",
    "a.ts#Cart.put(a.B)": "b.ts#Basket.put(a.B)",
  });
});

test("a definition is paired once", () => {
  const pairs = found({ "a.ts#f": sum("f"), "b.ts#f": shout }, { "c.ts#f": sum("f"), "d.ts#f": shout });
  expect(pairs).toEqual({ "a.ts#f": "c.ts#f", "b.ts#f": "d.ts#f" });
});
