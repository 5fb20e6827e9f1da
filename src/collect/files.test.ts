import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, statSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { MomoError } from "../errors.ts";
import { fileOf, type ListRequest, listFiles } from "./files.ts";
import { isRoot, outside, put, root } from "./folders.fixture.ts";

const list = (request: Partial<ListRequest> = {}) =>
  listFiles({ root, accept: (path) => !path.endsWith(".bin"), max_bytes: 1000, ...request });
const paths = (request?: Partial<ListRequest>) => list(request).files.map((file) => file.path);
const skips = (request?: Partial<ListRequest>) =>
  Object.fromEntries(list(request).skipped.map(({ path, reason }) => [path, reason]));

/** The same expectations of a plain folder and of a repository in which nothing is committed yet. */
describe.each([
  ["walk", (): void => undefined],
  ["git", (): void => void execFileSync("git", ["init", "-q"], { cwd: root })],
] as const)("by %s", (method, init) => {
  beforeEach(init);

  test("lists files with size and time, sorted", () => {
    put({ "b/x.py": "12345", "a.py": "", "b.py": "1" });
    const listing = list();
    expect(listing).toMatchObject({ root, method, skipped: [], unsupported: 0 });
    expect(listing.files).toEqual(
      ["a.py", "b.py", "b/x.py"].map((path) => {
        const { size, mtimeMs } = statSync(join(root, path));
        return { path, size, mtime: mtimeMs };
      }),
    );
  });

  test("counts what is not supported and does not look at it", () => {
    put({ "a.py": "", "b.bin": "", "c/d.bin": "" });
    expect(list()).toMatchObject({ unsupported: 2, skipped: [], files: [{ path: "a.py" }] });
  });

  test("default ignores hold at any depth", () => {
    const names = [
      "node_modules",
      "venv",
      ".venv",
      "dist",
      "build",
      "__pycache__",
      ".tox",
      "coverage",
      ".next",
    ];
    put(
      Object.fromEntries(
        names.flatMap((name) => [
          [`${name}/a.py`, ""],
          [`x/y/${name}/z/a.py`, ""],
        ]),
      ),
    );
    put({
      ".hg/a.py": "",
      ".momo/a.py": "",
      "x/.svn/a.py": "",
      "x/kept.py": "",
      "build.py": "",
      "x/dist": "",
    });
    expect(paths()).toEqual(["build.py", "x/dist", "x/kept.py"]);
  });

  test("target is output only beside its owner", () => {
    put({
      "rust/Cargo.toml": "",
      "rust/target/a.rs": "",
      "java/target/pom.xml": "",
      "java/target/A.java": "",
    });
    expect(paths()).toEqual(["java/target/A.java", "java/target/pom.xml", "rust/Cargo.toml"]);
  });

  test("nested .gitignore with negation, and with Windows line ends", () => {
    put({
      ".gitignore": "*.log\n/only-here.py\nsecretive/\n!secretive/a.py\n",
      "sub/.gitignore": "!keep.log\r\ntmp/\r\n",
      "a.log": "",
      "only-here.py": "",
      "secretive/a.py": "",
      "sub/a.log": "",
      "sub/keep.log": "",
      "sub/only-here.py": "",
      "sub/tmp/a.py": "",
      "tmp/a.py": "",
    });
    expect(paths()).toEqual([".gitignore", "sub/.gitignore", "sub/keep.log", "sub/only-here.py", "tmp/a.py"]);
  });

  test(".momoignore adds to it, nested too, and brings default ignores back", () => {
    put({
      ".momoignore": "*.md\n!build/\n!node_modules/\n!.git/\n",
      "docs/.momoignore": "!kept.md\ndrafts/\n",
      "a.md": "",
      "docs/kept.md": "",
      "docs/drafts/x.py": "",
      "build/x.py": "",
      "node_modules/m.js": "",
      "dist/x.py": "",
    });
    expect(paths()).toEqual([
      ".momoignore",
      "build/x.py",
      "docs/.momoignore",
      "docs/kept.md",
      "node_modules/m.js",
    ]);
  });

  test("the caller's globs are left out", () => {
    put({ "a.py": "", "test/a.py": "", "src/test/b.py": "", "src/c.ts": "" });
    expect(paths({ ignore: ["test/", "*.ts"] })).toEqual(["a.py"]);
    expect(() => list({ ignore: ["[a"] })).toThrow("not a glob");
  });

  test("secrets, lock files, packed and large files are skipped, each with its reason", () => {
    const secrets = [
      ".env",
      ".env.local",
      "x/id_rsa",
      "k.pem",
      "k.KEY",
      ".npmrc",
      ".netrc",
      "credentials.json",
    ];
    const made = ["package-lock.json", "x/yarn.lock", "Cargo.lock", "go.sum", "app.js.map"];
    const packed = ["jquery.min.js", "x/style.min.css"];
    put(Object.fromEntries([...secrets, ...made, ...packed].map((path) => [path, ""])));
    put({ ".env.example": "", "keys.py": "", "big.py": "x".repeat(1001), "full.py": "x".repeat(1000) });
    expect(paths()).toEqual([".env.example", "full.py", "keys.py"]);
    expect(skips()).toEqual({
      ...Object.fromEntries(secrets.map((path) => [path, "secret"])),
      ...Object.fromEntries(made.map((path) => [path, "generated"])),
      ...Object.fromEntries(packed.map((path) => [path, "minified"])),
      "big.py": "too-large",
    });
  });

  test("a secret is skipped even where it would be accepted by pattern, and said where it is not", () => {
    put({ "server.pem": "", ".env": "" });
    expect(skips({ accept: () => true })).toEqual({ ".env": "secret", "server.pem": "secret" });
    expect(skips({ accept: () => false })).toEqual({ ".env": "secret", "server.pem": "secret" });
  });

  test("links are followed within the root only, and a file counts once", () => {
    put({ "real.py": "1", "ignored/hidden.py": "22", ".gitignore": "ignored/\n", ".env": "A=1" });
    put({ "x.py": "", "d/y.py": "" }, outside);
    const links: Record<string, string> = {
      "again.py": "real.py",
      "b/up.py": "../ignored/hidden.py",
      "b/up2.py": "../ignored/hidden.py",
      "env.py": ".env",
      "gone.py": "nowhere.py",
      "loop.py": "loop.py",
      "out.py": join(outside, "x.py"),
      outdir: join(outside, "d"),
      "self.d": ".",
      "b/parent": "..",
    };
    mkdirSync(join(root, "b"));
    for (const [path, target] of Object.entries(links)) symlinkSync(target, join(root, path));
    expect(list().files.map(({ path, target, size }) => ({ path, target, size }))).toEqual([
      { path: ".gitignore", target: undefined, size: 9 },
      { path: "b/up.py", target: "ignored/hidden.py", size: 2 },
      { path: "real.py", target: undefined, size: 1 },
    ]);
    expect(fileOf(root, list().files[1])).toBe(join(root, "ignored/hidden.py"));
    expect(skips()).toEqual({
      ".env": "secret",
      "env.py": "secret",
      "gone.py": "broken-link",
      "loop.py": "broken-link",
      "out.py": "outside-root",
      outdir: "outside-root",
    });
  });

  test("a link into .git or the knowledge base is not followed", () => {
    mkdirSync(join(root, ".git"), { recursive: true });
    put({ ".git/notes.txt": "token", "kb/x.txt": "", "a.py": "" });
    symlinkSync(".git/notes.txt", join(root, "git.txt"));
    symlinkSync("kb/x.txt", join(root, "kb.txt"));
    const request = { home: join(root, "kb") };
    expect(paths(request)).toEqual(["a.py"]);
    expect(skips(request)).toEqual({ "git.txt": "ignored", "kb.txt": "ignored" });
  });

  test("odd names: dashes, spaces, newlines, quotes, unicode, 255 bytes, not UTF-8", () => {
    const names = [
      "-rf",
      "--",
      " lead",
      "new\nline.py",
      'q"uo\te.py',
      "ünï/日本.py",
      `${"n".repeat(252)}.py`,
      "\\x.py",
      "\uFFFD.py",
    ];
    put(Object.fromEntries(names.map((name) => [name, ""])));
    const odd = Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0x61, 0xff]), Buffer.from(".py")]);
    writeFileSync(odd, "");
    expect(paths()).toEqual([...names].sort());
    expect(skips()).toEqual({ "a\uFFFD.py": "odd-name" });
  });

  test("`under` limits to a folder or one file, through links too", () => {
    put({
      ".gitignore": "*.log\n",
      "a/b/c.py": "",
      "a/b/d.log": "",
      "a/e.py": "",
      "f.py": "",
      "a/.momoignore": "b/x.py",
      "a/b/x.py": "",
    });
    symlinkSync("a/b", join(root, "short"));
    expect(paths({ under: "a/b" })).toEqual(["a/b/c.py"]);
    expect(paths({ under: join(root, "a") })).toEqual(["a/.momoignore", "a/b/c.py", "a/e.py"]);
    expect(paths({ under: "short" })).toEqual(["a/b/c.py"]);
    expect(paths({ under: "f.py" })).toEqual(["f.py"]);
    expect(paths({ under: "." })).toHaveLength(5);
    expect(skips({ under: "a/b/d.log" })).toEqual({ "a/b/d.log": "ignored" });
    expect(skips({ under: "a/b/x.py" })).toEqual({ "a/b/x.py": "ignored" });
  });

  test("`under` outside the root, directly or through a link, is refused", () => {
    put({ "x.py": "" }, outside);
    put({ "a.py": "", "*/b.py": "" });
    expect(paths({ under: "*" })).toEqual(["*/b.py"]);
    symlinkSync(outside, join(root, "away"));
    for (const under of [outside, "../outside", "away", "away/x.py", "/"])
      expect(() => list({ under })).toThrow(expect.objectContaining({ code: "PATH_OUTSIDE_ROOT" }));
    expect(() => list({ under: "none" })).toThrow(expect.objectContaining({ code: "PATH_MISSING" }));
  });

  test("the knowledge base's own folder is never listed", () => {
    put({ "kb/x.py": "", "kbb/x.py": "", ".momo/x.py": "" });
    expect(paths({ home: join(root, "kb") })).toEqual(["kbb/x.py"]);
    expect(paths({ home: root })).toEqual(["kb/x.py", "kbb/x.py"]);
    expect(paths({ home: join(root, "none") })).toEqual(["kb/x.py", "kbb/x.py"]);
  });

  test.skipIf(isRoot)(
    "an unreadable folder is said and does not stop the run (root can read everything)",
    () => {
      put({ "a.py": "", "shut/b.py": "", "z.py": "" });
      chmodSync(join(root, "shut"), 0);
      const listing = list();
      chmodSync(join(root, "shut"), 0o755);
      expect(listing.files.map((file) => file.path)).toEqual(["a.py", "z.py"]);
      expect(listing.skipped).toMatchObject([{ path: "shut", reason: "unreadable" }]);
    },
  );

  test("5,000 files in one folder and 500 folders in one another", () => {
    put(Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`many/${i}.py`, ""])));
    put({ [`${"d/".repeat(500)}x.py`]: "" });
    expect(paths()).toHaveLength(5001);
  });
});

describe("plain folders", () => {
  test("a pipe is skipped", () => {
    execFileSync("mkfifo", [join(root, "pipe.py")]);
    expect(list()).toMatchObject({ files: [], skipped: [{ path: "pipe.py", reason: "not-a-file" }] });
  });

  test("an empty folder, a missing one, a file", () => {
    expect(list()).toMatchObject({ files: [], skipped: [], unsupported: 0, method: "walk" });
    expect(() => list({ root: join(root, "none") })).toThrow(MomoError);
    put({ "a.py": "" });
    expect(() => list({ root: join(root, "a.py") })).toThrow(
      expect.objectContaining({ code: "PATH_IS_FILE" }),
    );
  });

  test("an ignore file that is huge or a link is not used", () => {
    put({ "a.py": "", "b/c.py": "" });
    put({ x: "*.py" }, outside);
    symlinkSync(join(outside, "x"), join(root, ".gitignore"));
    put({ "b/.gitignore": "*.py\n" });
    truncateSync(join(root, "b/.gitignore"), 2 ** 18 + 1);
    expect(paths({ accept: (path) => path.endsWith(".py") })).toEqual(["a.py", "b/c.py"]);
    expect(skips()).toMatchObject({ "b/.gitignore": "too-large" });
  });

  test("the root may itself be reached through a link", () => {
    put({ "a.py": "" });
    symlinkSync(root, join(outside, "link"));
    expect(list({ root: join(outside, "link") })).toMatchObject({ root, files: [{ path: "a.py" }] });
  });
});
