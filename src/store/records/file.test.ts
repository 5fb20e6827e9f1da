import { describe, expect, it } from "vitest";
import { MomoError } from "../../errors.ts";
import { emptyLinks } from "../../model/links.ts";
import type { Entity } from "../../model/outline.ts";
import { decodeBody, decodePlaces, encodeBody } from "./file.ts";
import type { FileBody } from "./outline-columns.ts";

const entity = (qualified: string, more: Partial<Entity> = {}): Entity => ({
  name: qualified.slice(qualified.lastIndexOf(".") + 1),
  qualified,
  type: "function",
  start_line: 1,
  end_line: 3,
  name_line: 2,
  indent: 0,
  ...more,
});

const body: FileBody = {
  language: "typescript",
  lines: 40,
  bytes: 1234,
  warnings: ["syntax errors: entities are partial"],
  entities: [
    entity("O.put", {
      type: "method",
      start_line: 9,
      end_line: 12,
      name_line: 10,
      indent: 4,
      signature: "put(a: Wert = 'ä', b)",
      docstring: "Doc \u{1f600}.",
      decorators: ["a", "b(c)"],
      parameters: [{ name: "a", type: "Wert", default: "'ä'" }, { name: "b" }],
      return_annotation: "void",
      complexity: 1,
      flags: 5,
      overload: "(Wert,)",
    }),
    entity("O", { type: "class", start_line: 8, end_line: 20, name_line: 8, docstring: "" }),
    entity("O.put.inner", { parameters: [], complexity: 0 }),
    entity("a.b.c", { name: "c", type: "variable" }),
    entity("x", { type: "import", name: "x" }),
  ],
  links: {
    package: "a.b",
    parents: [2, 0, 1, 0, 0],
    calls: [
      { source: 3, name: "g", receiver: "this.x", line: 11, arity: 2, flags: 1 },
      { source: 0, name: "g", receiver: "", line: 2, arity: -1, flags: 0 },
    ],
    imports: [{ source: 0, local: "x", imported: "default", module: "./x", line: 1, flags: 2 }],
    bases: [
      { source: 2, owner: "", type: "extends", path: "P.Q", line: 8 },
      { source: 0, owner: "Other", type: "implements", path: "I", line: 30 },
    ],
    bindings: [{ source: 1, name: "this.y", type: "Foo", line: 10, how: "annotated" }],
  },
};

describe("a body", () => {
  it("is read as it was written", () => {
    expect(decodeBody(encodeBody(body))).toEqual(body);
  });

  it("of nothing is read, too", () => {
    const empty: FileBody = {
      ...{ language: "", lines: 0, bytes: 0, warnings: [], entities: [] },
      links: emptyLinks(),
    };
    expect(decodeBody(encodeBody(empty))).toEqual(empty);
  });

  it("is read in the middle of other bytes", () => {
    const bytes = encodeBody(body);
    const pack = Buffer.concat([Buffer.alloc(7), bytes, Buffer.alloc(9)]);
    expect(decodeBody(pack.subarray(7, 7 + bytes.length))).toEqual(body);
  });

  it("gives the places of entities without the rest", () => {
    expect(decodePlaces(encodeBody(body)).map(({ qualified, name_line }) => [qualified, name_line])).toEqual([
      ["O.put", 10],
      ["O", 8],
      ["O.put.inner", 2],
      ["a.b.c", 2],
      ["x", 2],
    ]);
  });

  it("with half of a character in a text keeps everything else", () => {
    const cut = { ...body, entities: [entity("f", { signature: "\ud83d", docstring: "\ude00 after" })] };
    const read = decodeBody(encodeBody({ ...cut, links: { ...emptyLinks(), parents: [0] } }));
    expect(read.entities[0]?.docstring).toMatch(/ after$/);
  });
});

describe("a body of an earlier revision", () => {
  const old = {
    ...{ language: "java", lines: 9, bytes: 99, warnings: [] },
    entities: [entity("O", { type: "class" }), entity("O.put"), entity("O.put")],
    relations: [
      { type: "contains", from: "O", to: "O.put", line: 2 },
      { type: "imports", from: "", to: "java.util.List", line: 1 },
      { type: "extends", from: "O", to: "P", line: 1 },
      { type: "implements", from: "Elsewhere", to: "I", line: 1 },
      { type: "exports", from: "", to: "O", line: 1 },
      { type: "calls", from: "O.put", to: "go", line: 3 },
    ],
  };

  it("is JSON, and its relations become links", () => {
    const { links, entities, language } = decodeBody(Buffer.from(JSON.stringify(old)));
    expect(language).toBe("java");
    expect(entities).toEqual(old.entities);
    expect(links.parents).toEqual([0, 1, 0]);
    expect(links.calls).toEqual([{ source: 2, name: "go", receiver: "", line: 3, arity: -1, flags: 0 }]);
    expect(links.imports.map(({ module }) => module)).toEqual(["java.util.List"]);
    expect(links.bases.map(({ source, owner, path }) => [source, owner, path])).toEqual([
      [1, "", "P"],
      [0, "Elsewhere", "I"],
    ]);
  });

  it("that is damaged is said to be", () => {
    expect(() => decodeBody(Buffer.from('{"language": '))).toThrow(MomoError);
    expect(() => decodePlaces(Buffer.from("{}"))).toThrow(MomoError);
  });
});

describe("a damaged body is an error that says so", () => {
  const bytes = encodeBody(body);
  const isRefused = (damaged: Uint8Array): void => {
    for (const decode of [decodeBody, decodePlaces])
      expect(() => decode(damaged)).toThrow(/is damaged \(an outline/);
  };

  it("wherever it is cut", () => {
    for (let length = 0; length < bytes.length; length++) isRefused(bytes.subarray(0, length));
  });

  it("whichever bit is another one", () => {
    for (let at = 0; at < bytes.length; at++)
      for (let bit = 0; bit < 8; bit++) {
        const flipped = Buffer.from(bytes);
        flipped[at]! ^= 1 << bit;
        isRefused(flipped);
      }
  });

  it("whatever follows it", () => {
    isRefused(Buffer.concat([bytes, Buffer.alloc(1)]));
  });
});
