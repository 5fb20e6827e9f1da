/** Files that have no word of the query, and are found because they lie near it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Momo, openMomo } from "../src/momo.ts";

const files: Record<string, string> = {
  "src/session.ts": `/** Keeps who is logged in: checks the password hash and gives out a token in a cookie. */
export function login(user: string, password: string): string {
  const credential = verify(user, password);
  return signToken(credential);
}
`,
  "src/shapes.ts": `/** Draws a circle and a rectangle on the canvas. */
export function draw(width: number, height: number): void {
  canvas.stroke(width, height, color);
}
`,
  "src/parse.ts": `/** Reads numbers and strings of a JSON text into a syntax tree. */
export function parse(text: string): Node {
  const tokens = tokenize(text);
  return readExpression(tokens);
}
`,
};

let folder: string;
let momo: Momo;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "momo-near-"));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  momo = await openMomo({ root: folder });
  await momo.ingest();
});
afterAll(async () => {
  await momo.close();
  rmSync(folder, { recursive: true });
});

test("a question in other words finds the file that is about it, at the piece that is nearest", async () => {
  const { results } = await momo.search({ query: "authentication of accounts", explain: true });
  expect(results[0]).toMatchObject({ path: "src/session.ts", entity_name: "login", near: true });
  expect(results[0]!.explain!.similar_chunk!.value).toBeGreaterThan(0.4);
  expect(results[0]!.explain!.file).toBeUndefined();
});

test("a file with a word of the query is no such file", async () => {
  const { results } = await momo.search({ query: "password of accounts" });
  expect(results[0]).toMatchObject({ path: "src/session.ts" });
  expect(results[0]).not.toHaveProperty("near");
});

test("what lies near nothing finds nothing", async () => {
  expect((await momo.search({ query: "zzyzx qwrtp" })).results).toEqual([]);
});

test("a file that was taken back is not near either", async () => {
  writeFileSync(join(folder, "src/guard.ts"), files["src/session.ts"]!);
  await momo.ingest();
  const paths = async () =>
    (await momo.search({ query: "authentication of accounts" })).results.map(({ path }) => path);
  expect(await paths()).toContain("src/guard.ts");
  rmSync(join(folder, "src/guard.ts"));
  await momo.ingest();
  expect(await paths()).not.toContain("src/guard.ts");
});
