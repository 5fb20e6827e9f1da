import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { addIgnoreFile, verdict } from "./ignore.ts";
import { walk } from "./walk.ts";

const said = (text: string, path: string, folder = false) =>
  verdict(addIgnoreFile(undefined, "", text), { path, name: path.slice(path.lastIndexOf("/") + 1), folder });

describe("ignore rules", () => {
  test.each<[string, string, "ignored" | "kept" | undefined]>([
    ["*.log", "a/b.log", "ignored"],
    ["*.log\n!keep.log", "keep.log", "kept"],
    ["!keep.log\n*.log", "keep.log", "ignored"],
    ["*.log\r\n!keep.log\r\n", "keep.log", "kept"],
    ["# *.py\n\n", "a.py", undefined],
    ["\\#a", "#a", "ignored"],
    ["\\!a", "!a", "ignored"],
    ["a.py   ", "a.py", "ignored"],
    ["a\\ ", "a ", "ignored"],
    ["a\\\\ ", "a\\", "ignored"],
    ["/a.py", "sub/a.py", undefined],
    ["sub/a.py", "deep/sub/a.py", undefined],
    ["**/sub/a.py", "deep/sub/a.py", "ignored"],
    ["sub/**", "sub/x/y.py", "ignored"],
    ["a[", "a[", undefined],
    ["/", "a", undefined],
    ["!", "a", undefined],
  ])("%j about %s", (text, path, expected) => {
    expect(said(text, path)).toBe(expected);
  });

  test("a slash at the end means folders only", () => {
    expect(said("out/", "a/out", true)).toBe("ignored");
    expect(said("out/", "a/out", false)).toBeUndefined();
  });

  test("the deeper file decides", () => {
    const above = addIgnoreFile(undefined, "", "*.py\n/x.txt");
    const chain = addIgnoreFile(above, "sub", "!a.py\n/x.txt");
    expect(verdict(chain, { path: "sub/a.py", name: "a.py", folder: false })).toBe("kept");
    expect(verdict(chain, { path: "sub/b.py", name: "b.py", folder: false })).toBe("ignored");
    expect(verdict(chain, { path: "sub/x.txt", name: "x.txt", folder: false })).toBe("ignored");
    expect(verdict(chain, { path: "sub/y/x.txt", name: "x.txt", folder: false })).toBeUndefined();
  });
});

describe("the same as git", () => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "momo-ignore-")));
  afterAll(() => rmSync(root, { recursive: true }));
  const names = ["a", "b", "ab", "ba", ".a", "a.b", "a b", "a*", "#a", "!a", "[a]", "c"];
  execFileSync("git", ["init", "-q"], { cwd: root });
  for (const folder of ["", "a/", "b/", "ab/c/", "a.b/a/", "c/a/b/"])
    for (const name of names) {
      const file = join(root, "tree", folder, `${name}${folder === "" ? ".f" : ""}`);
      mkdirSync(dirname(file), { recursive: true });
      try {
        writeFileSync(file, "x", { flag: "wx" });
      } catch (fault) {
        // Where the name is taken by a folder, the folder is what is tested.
        if (!["EISDIR", "EEXIST"].includes((fault as NodeJS.ErrnoException).code!)) throw fault;
      }
    }
  const tree = join(root, "tree");
  const bounds = { root: tree, home: undefined, unwanted: () => false };

  const piece = fc.constantFrom(
    ..."a b c ab . * ** ? / ! # [ab] [!a] [^b] [a-b] [[:alpha:]] [ ] \\".split(" "),
    "/",
    "**/",
    "/**",
    " ",
    ".f",
    "*",
  );
  const line = fc
    .array(piece, { maxLength: 6 })
    .map((pieces) => pieces.join(""))
    // What git makes of stars that touch a letter depended on where its memory lay.
    .filter((text) => !/[^/*]\*\*|\*\*[^/*]/.test(text.replace(/^!/, "")));
  const lines = fc.array(line, { maxLength: 5 });

  test("random rules, at the top and nested, leave out the same files", () => {
    fc.assert(
      fc.property(lines, lines, fc.constantFrom("\n", "\r\n"), (top, nested, end) => {
        writeFileSync(join(tree, ".gitignore"), top.join(end));
        writeFileSync(join(tree, "c", ".gitignore"), nested.join(end) + end);
        const listed = execFileSync("git", ["ls-files", "-o", "--exclude-standard", "-z"], { cwd: tree });
        const byGit = listed.toString().split("\0").slice(0, -1).sort();
        const byWalk = walk(bounds, "").candidates.map(({ path }) => path);
        expect(byWalk.sort()).toEqual(byGit);
      }),
      { numRuns: process.env.MOMO_TEST_LONG ? 4_000 : 300 },
    );
  });
});
