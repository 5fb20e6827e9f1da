import { describe, expect, it } from "vitest";
import { hasGrammar } from "./grammars.ts";
import { detectLanguage, languageNames, languages } from "./language.ts";

describe("detectLanguage", () => {
  it.each([
    ["src/a.py", "python"],
    ["a.PYI", "python"],
    ["a.jsx", "javascript"],
    ["a.mts", "typescript"],
    ["a.tsx", "typescript"],
    ["a.h", "c"],
    ["a.hpp", "cpp"],
    ["a.cs", "csharp"],
    ["lib/Rakefile", "ruby"],
    ["my.gemspec", "ruby"],
    ["build.gradle.kts", "kotlin"],
    ["build.sbt", "scala"],
    ["test.bats", "bash"],
    ["home/.bashrc", "bash"],
    ["Dockerfile", "dockerfile"],
    ["Dockerfile.dev", "dockerfile"],
    ["Makefile.am", "makefile"],
    ["CMakeLists.txt", "cmake"],
    ["notes.txt", "text"],
    ["C:\\code\\a.go", "go"],
    ["readme.rst", "restructuredtext"],
  ])("%s is %s", (path, name) => {
    expect(detectLanguage(path)?.name).toBe(name);
  });

  it.each([
    ["#!/usr/bin/env python3\n", "python"],
    ["#!/usr/bin/python3.12 -u\n", "python"],
    ["#!/bin/sh\n", "bash"],
    ["#!/usr/bin/env -S FOO=1 node --no-warnings\n", "javascript"],
    ["#!/usr/bin/env ruby", "ruby"],
  ])("a file without extension that starts with %j is %s", (start, name) => {
    expect(detectLanguage("bin/tool", start)?.name).toBe(name);
  });

  it.each([
    ["a.unknown", undefined],
    ["tool", "print 1\n"],
    ["tool", "#!/opt/other/thing\n"],
    ["tool", "#!\n"],
    [".py/", undefined],
  ])("%s with %j is none", (path, start) => {
    expect(detectLanguage(path, start)).toBeUndefined();
  });

  it("the name decides before the shebang", () => {
    expect(detectLanguage("a.js", "#!/bin/sh\n")?.name).toBe("javascript");
  });
});

describe("the table", () => {
  it("gives every extension, file name and interpreter to one language", () => {
    for (const keys of [
      languages.flatMap(({ extensions }) => extensions),
      languages.flatMap(({ filenames = [] }) => filenames),
      languages.flatMap(({ interpreters = [] }) => interpreters),
    ]) {
      expect(keys.filter((key, i) => keys.indexOf(key) !== i)).toEqual([]);
    }
  });

  it("says grammar exactly where there is one", () => {
    for (const { name, support } of languages) expect(hasGrammar(name), name).toBe(support === "grammar");
    expect(languageNames()).toContain("python");
  });
});
