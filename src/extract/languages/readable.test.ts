import { beforeAll, describe, expect, it } from "vitest";
import { extract } from "../extract.ts";
import { loadGrammar } from "../grammars.ts";
import { detectLanguage } from "../language.ts";
import { withoutConditions } from "./readable.ts";

beforeAll(async () => {
  for (const path of ["a.cs", "a.kt", "a.scala", "a.swift"])
    await loadGrammar(detectLanguage(path)!.name, path);
});

/** `type qualified start-end`, then the warnings. */
function definitions(path: string, text: string): string[] {
  const { entities, warnings } = extract({ path, language: detectLanguage(path)!.name, text });
  const lines = entities.map((one) => `${one.type} ${one.qualified} ${one.start_line}-${one.end_line}`);
  return [...lines, ...warnings];
}

describe("conditions", () => {
  const kept = (text: string): string => withoutConditions(text, /[;}]$/).replace(/\s+/g, " ").trim();

  it("keep both branches when each is whole", () => {
    expect(kept("#if A\nint a;\n#elif B\nint b;\n#else\nint c;\n#endif\nint d;")).toBe(
      "int a; int b; int c; int d;",
    );
  });

  it("keep the first branch when one is a fragment", () => {
    expect(kept("void f(\n#if A\nint a) {\n#else\nlong a) {\n#endif\n}")).toBe("void f( int a) { }");
    expect(kept("#if A\nint a;\n#else\nint b,\n#endif\nint c;")).toBe("int a; int c;");
  });

  it("stand inside of each other", () => {
    expect(kept("#if A\n#if B\nint a;\n#endif\n#else\n{\n#if C\nint b;\n#endif\n#endif\nint d;")).toBe(
      "int a; int d;",
    );
  });

  it("leave every position where it was", () => {
    const text = "#if A\r\nint a😀 (\r\n#else\r\nint b;\r\n#endif\r\nint c;";
    const result = withoutConditions(text, /[;}]$/);
    expect(result.length).toBe(text.length);
    expect(result.split("\n").length).toBe(text.split("\n").length);
    expect(result.indexOf("int c")).toBe(text.indexOf("int c"));
  });
});

describe("what a grammar misreads", () => {
  it("C#: directives inside of declarations and statements", () => {
    const text =
      "class A : B\n#if X\n  , IC\n#endif\n{\n  void F() {\n    if (a) { }\n#if X\n    else\n#endif\n    { }\n  }\n  int b;\n}\n";
    expect(definitions("a.cs", text)).toEqual(["class A 1-14", "method A.F 6-12", "variable A.b 13-13"]);
  });

  it("Swift: directives and words that start with a number sign", () => {
    const text =
      "#if canImport(UIKit)\nimport UIKit\n#endif\nfunc f(file: String = #fileID) {\n  if #available(iOS 17, *) { a() }\n}\nstruct B {\n  #if os(iOS)\n  var c = 1\n  #endif\n}\n";
    expect(definitions("a.swift", text)).toEqual([
      "function f 4-6",
      "class B 7-11",
      "variable B.c 9-9",
      "import UIKit 2-2",
    ]);
  });

  it("Kotlin: guards, accessors with annotations, bare annotation classes", () => {
    const text =
      "fun f(a: Any) = when (a) {\n  is String if a.isEmpty() -> 1\n  else -> 2\n}\n\n@Target(CLASS)\nannotation class B\n\n/** c */\n@D\n@E\ninternal fun X.c() {\n}\n\nclass G {\n  val h\n    @D(1)\n    get() = where?.size\n}\n";
    expect(definitions("a.kt", text)).toEqual([
      "function f 1-4",
      "class B 6-7",
      "function c 10-13",
      "class G 15-19",
      "variable G.h 16-18",
    ]);
  });

  it("Scala: an object as last argument of a function's argument", () => {
    const text =
      "object A {\n  val b = c(\n    d,\n    e =>\n      new F {\n        def g = 1\n      },\n  )\n  def h = 2\n}\n";
    expect(definitions("a.scala", text)).toEqual([
      "class A 1-10",
      "variable A.b 2-8",
      "method A.b.g 6-6",
      "method A.h 9-9",
    ]);
  });
});

describe("where a definition of Scala ends", () => {
  it("leaves out the comments of the next one", () => {
    const text =
      "trait A {\n  def b: Int =\n    1\n\n  /**\n   * c\n   */\n  // d\n  def e: Int =\n    2\n  // f\n}\n";
    expect(definitions("a.scala", text)).toEqual(["interface A 1-12", "method A.b 2-3", "method A.e 9-10"]);
  });
});
