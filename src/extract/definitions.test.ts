import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { Entity } from "../model/outline.ts";
import { extract } from "./extract.ts";
import { loadGrammar } from "./grammars.ts";
import { detectLanguage } from "./language.ts";

/**
 * Files that are hard to read, and the definitions that are in them, one a line; checked by hand against the source.
 * `.ts` sources end in `.txt`, so that the compiler leaves them alone. `UPDATE_GOLDEN=1 vitest run src/extract` writes
 * the .definitions files; read every line of the difference.
 */
const folder = join(import.meta.dirname, "golden", "tricky");
const files = readdirSync(folder).filter((file) => !file.endsWith(".definitions"));

const pathOf = (file: string): string => file.replace(/\.txt$/, "");

beforeAll(async () => {
  for (const path of files.map(pathOf)) await loadGrammar(detectLanguage(path)!.name, path);
});

/** `12-14@13 method Shape.area(scale: number = 1) -> number @["cached"]` */
function line(entity: Entity): string {
  const { start_line, end_line, name_line, type, qualified, parameters, return_annotation, decorators } =
    entity;
  const name = name_line === start_line ? "" : `@${name_line}`;
  const list = parameters?.map((one) => {
    const value = one.default === undefined ? "" : ` = ${one.default}`;
    return one.name + (one.type === undefined ? "" : `: ${one.type}`) + value;
  });
  const head = `${start_line}-${end_line}${name} ${type} ${qualified}${list ? `(${list.join(", ")})` : ""}`;
  const returns = return_annotation === undefined ? "" : ` -> ${return_annotation}`;
  return head + returns + (decorators ? ` @${JSON.stringify(decorators)}` : "");
}

describe("definitions of files that are hard to read", () => {
  it.each(files)("%s", (file) => {
    const path = pathOf(file);
    const text = readFileSync(join(folder, file), "utf8");
    const { entities } = extract({ path, language: detectLanguage(path)!.name, text });
    const defined = entities.filter(({ type }) => type !== "import" && type !== "export");
    const actual = defined.map((one) => `${line(one)}\n`).join("");
    const expected = join(folder, `${file}.definitions`);
    if (process.env.UPDATE_GOLDEN) writeFileSync(expected, actual);
    expect(actual).toBe(readFileSync(expected, "utf8"));
  });
});

describe("a parser that read another file before", () => {
  it("reads the next one as if it were the first", async () => {
    await loadGrammar("swift", "a.swift");
    const text =
      'struct Page {\n  func link(u: String) -> String {\n    return #"a \\#(u) b"#\n  }\n  func title() {}\n}\n';
    const read = () => extract({ path: "a.swift", language: "swift", text }).entities.map(line);
    const first = read();
    expect(first).toHaveLength(3);
    for (let i = 0; i < 5; i++) expect(read()).toEqual(first);
  });
});
