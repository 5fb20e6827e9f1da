import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { type ListRequest, listFiles } from "./files.ts";
import { isRoot, outside, put, root } from "./folders.fixture.ts";

const someone = ["user.name=t", "user.email=t@example.org", "protocol.file.allow=always"];

const git = (folder: string, ...args: string[]) =>
  execFileSync("git", [...someone.flatMap((setting) => ["-c", setting]), ...args], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
  });

/** A repository in which these files are committed, ignored or not. */
function repository(files: Record<string, string>, folder = root): void {
  put(files, folder);
  git(folder, "init", "-q");
  git(folder, "add", "-A", "-f");
  git(folder, "commit", "-q", "-m", "x");
}

const list = (request: Partial<ListRequest> = {}) =>
  listFiles({ root, accept: () => true, max_bytes: 1000, ...request });
const paths = (request?: Partial<ListRequest>) => list(request).files.map((file) => file.path);
const skips = () => Object.fromEntries(list().skipped.map(({ path, reason }) => [path, reason]));

test("what is tracked wins over .gitignore and over default ignores", () => {
  repository({
    ".gitignore": "*.log\nbuild/\n",
    "kept.log": "",
    "build/source.py": "",
    "venv/__init__.py": "",
    "node_modules/m.js": "",
  });
  put({ "new.log": "", "build/new.py": "", "venv/new.py": "", "dist/new.py": "" });
  expect(paths()).toEqual([".gitignore", "build/source.py", "kept.log", "venv/__init__.py"]);
});

test("deleted, replaced and new files", () => {
  repository({ "gone.py": "", "now-folder": "", "now-link.py": "", "old/x.py": "" });
  rmSync(join(root, "gone.py"));
  rmSync(join(root, "now-folder"));
  put({ "now-folder/x.py": "", "new.py": "" });
  rmSync(join(root, "now-link.py"));
  symlinkSync(join(outside, "x.py"), join(root, "now-link.py"));
  put({ "x.py": "" }, outside);
  renameSync(join(root, "old"), join(outside, "old"));
  symlinkSync(join(outside, "old"), join(root, "old"));
  expect(paths()).toEqual(["new.py", "now-folder/x.py"]);
  expect(skips()).toEqual({ "now-link.py": "outside-root", old: "outside-root" });
});

test("nothing at all, and nothing that is not ignored", () => {
  git(root, "init", "-q");
  expect(list()).toMatchObject({ method: "git", files: [], skipped: [] });
  put({ "a.py": "", ".git/info/exclude": "*" });
  expect(list()).toMatchObject({ method: "git", files: [], skipped: [] });
});

test("a file in conflict is listed once", () => {
  repository({ "a.py": "1" });
  git(root, "checkout", "-q", "-b", "other");
  put({ "a.py": "2" });
  git(root, "commit", "-q", "-am", "2");
  git(root, "checkout", "-q", "-");
  put({ "a.py": "3" });
  git(root, "commit", "-q", "-am", "3");
  expect(() => git(root, "merge", "other")).toThrow();
  expect(paths()).toEqual(["a.py"]);
});

test("a folder inside a repository is listed from there", () => {
  repository({ ".gitignore": "*.log\n", "sub/a.py": "", "b.py": "" });
  put({ "sub/x.log": "", "sub/new.py": "" });
  expect(list({ root: join(root, "sub") })).toMatchObject({
    method: "git",
    files: [{ path: "a.py" }, { path: "new.py" }],
  });
});

test("a folder that the repository around it ignores is walked", () => {
  repository({ ".gitignore": "work/\n" });
  put({ "work/project/a.py": "", "work/project/.gitignore": "b.py", "work/project/b.py": "" });
  const listing = list({ root: join(root, "work/project") });
  expect(listing).toMatchObject({ method: "walk", files: [{ path: ".gitignore" }, { path: "a.py" }] });
});

test("submodules and nested repositories are looked into", () => {
  repository({ ".gitignore": "*.log\n", "lib.py": "", "kept.log": "" }, outside);
  repository({ "a.py": "" });
  git(root, "submodule", "--quiet", "add", outside, "mod");
  git(root, "commit", "-q", "-m", "mod");
  put({ "inner/x.py": "", "build/x.py": "" });
  repository({ "y.py": "" }, join(root, "inner"));
  repository({ "z.py": "" }, join(root, "build"));
  const expected = [
    ".gitmodules",
    "a.py",
    "inner/x.py",
    "inner/y.py",
    "mod/.gitignore",
    "mod/kept.log",
    "mod/lib.py",
  ];
  expect(paths()).toEqual(expected);
  expect(paths({ under: "inner" })).toEqual(["inner/x.py", "inner/y.py"]);
  git(root, "submodule", "--quiet", "deinit", "-f", "mod");
  expect(paths()).toEqual(expected.slice(0, 4));
});

test("git's environment variables and those of a hook do not lead elsewhere", () => {
  repository({ "other.py": "" }, outside);
  repository({ "a.py": "", "build/tracked.py": "" });
  process.env.GIT_DIR = join(outside, ".git");
  process.env.GIT_INDEX_FILE = join(outside, ".git/index");
  try {
    expect(list()).toMatchObject({
      method: "git",
      files: [{ path: "a.py" }, { path: "build/tracked.py" }],
    });
  } finally {
    delete process.env.GIT_DIR;
    delete process.env.GIT_INDEX_FILE;
  }
});

test("an index made to name what lies outside does not lead there", () => {
  repository({ "a.py": "", "zz/b.py": "" });
  put({ "b.py": "" }, dirname(root));
  const index = readFileSync(join(root, ".git/index"));
  index.write("../b.py", index.indexOf("zz/b.py"));
  createHash("sha1")
    .update(index.subarray(0, -20))
    .digest()
    .copy(index, index.length - 20);
  writeFileSync(join(root, ".git/index"), index);
  expect(git(root, "ls-files").toString()).toContain("../b.py");
  expect(list()).toMatchObject({ method: "git", files: [{ path: "a.py" }, { path: "zz/b.py" }] });
});

test("nothing that the repository configures is run", () => {
  repository({ "a.py": "" });
  const ran = join(outside, "ran");
  put({ "evil.sh": `#!/bin/sh\ntouch ${ran}\n` }, outside);
  chmodSync(join(outside, "evil.sh"), 0o755);
  const evil = join(outside, "evil.sh");
  for (const key of ["core.fsmonitor", "core.sshCommand", "core.pager", "filter.x.clean", "diff.external"])
    git(root, "config", key, evil);
  git(root, "config", "core.hooksPath", outside);
  put({ ".gitattributes": "* filter=x\n", "a.py": "changed" });
  expect(paths()).toEqual([".gitattributes", "a.py"]);
  expect(existsSync(ran)).toBe(false);
});

test("where git fails, the walk takes over and says so", () => {
  repository({ "a.py": "", ".gitignore": "b.py" });
  put({ "b.py": "" });
  writeFileSync(join(root, ".git/index"), "not an index");
  expect(list()).toMatchObject({ method: "walk", files: [{ path: ".gitignore" }, { path: "a.py" }] });
});

test("where git is not installed, the walk takes over", () => {
  repository({ "a.py": "" });
  const { PATH } = process.env;
  process.env.PATH = outside;
  try {
    expect(list()).toMatchObject({ method: "walk", files: [{ path: "a.py" }] });
  } finally {
    process.env.PATH = PATH;
  }
});

test.runIf(isRoot)(
  "a repository that belongs to somebody else is walked (only root can give one away)",
  () => {
    repository({ "a.py": "" });
    execFileSync("chown", ["-R", "65534:65534", root]);
    expect(list()).toMatchObject({ method: "walk", files: [{ path: "a.py" }] });
  },
);
