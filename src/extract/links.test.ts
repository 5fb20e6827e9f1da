import { beforeAll, describe, expect, it } from "vitest";
import { CallFlag, ImportFlag, type Links } from "../model/links.ts";
import { EntityFlag } from "../model/outline.ts";
import { extract } from "./extract.ts";
import { hasGrammar, loadGrammar } from "./grammars.ts";
import { detectLanguage, languages } from "./language.ts";

beforeAll(async () => {
  for (const { name, extensions } of languages)
    for (const extension of extensions) if (hasGrammar(name)) await loadGrammar(name, `a${extension}`);
});

const outlineOf = (path: string, text: string) =>
  extract({ path, language: detectLanguage(path)!.name, text });
const linksOf = (path: string, text: string): Links => outlineOf(path, text).links;

/** `source: receiver -> name/arity flags`. */
function callsOf(path: string, text: string): string[] {
  const { entities, links } = outlineOf(path, text);
  return links.calls.map(({ source, name, receiver, arity, flags }) => {
    const owner = source === 0 ? "" : `${entities[source - 1]!.qualified}: `;
    const marks = `${flags & CallFlag.new ? " new" : ""}${flags & CallFlag.decorator ? " decorator" : ""}`;
    return `${owner}${receiver === "" ? "" : `${receiver} -> `}${name}/${arity}${marks}`;
  });
}

describe("call sites", () => {
  it.each<[string, string, string[]]>([
    ["a.py", "def f():\n  g()\n  g(1)\n  a.g(1, b=2)", ["f: g/0", "f: g/1", "f: a -> g/2"]],
    [
      "a.py",
      "@app.get('/', dep=D(x))\n@cached\ndef f(): pass",
      ["app -> get/2 decorator", "D/1", "cached/-1 decorator"],
    ],
    [
      "a.py",
      "super().__init__(*a)\nx.y(1)[0].z()",
      ["super/0", "super() -> __init__/1", "x -> y/1", "x.y()[] -> z/0"],
    ],
    ["a.py", "handlers[name](x)\nf(1)(2)\n(a or b)(3)", ["f/1"]],
    ["a.py", "', '.join(x for x in y)\nsum(x for x in y)", ['"" -> join/1', "sum/1"]],
    ["a.py", "f(\n  1, # one, two\n  2,\n)", ["f/2"]],
    [
      "a.js",
      "promise.then(a).catch(b); or(x); not(y)",
      ["promise -> then/1", "promise.then() -> catch/1", "or/1", "not/1"],
    ],
    ["a.js", "class A { #sum() {} put() { this.#sum(); } }", ["A.put: this -> #sum/0"]],
    [
      "a.js",
      "handlers[name](x); a?.b?.(y); new geo.Point(1, 2); new A().go()",
      ["a -> b/1", "geo -> Point/2 new", "A/0 new", "new A() -> go/0"],
    ],
    ["a.js", "if (a) { b() } while (c) {} return (d).e();", ["b/0", "() -> e/0"]],
    [
      "a.js",
      "// Done.\nb.c(...e(f))\nb // so.\n  .d();\nb\n  .g()",
      ["b -> c/1", "e/1", "() -> d/0", "b -> g/0"],
    ],
    [
      "a.ts",
      "const a = make<Shape>(b); c!.d(); e!(f); g.h<(i: j) => k<l>>(m)",
      ["make/1", "c -> d/0", "e/1", "g -> h/1"],
    ],
    [
      "A.java",
      "class A { A() { super(1); } void f() { this.<T>g(); new B<>(2) { }; h(e -> i(e)); } }",
      ["A.A: super/1", "A.f: this -> g/0", "A.f: B/1 new", "A.f: h/1", "A.f: i/1"],
    ],
    [
      "a.cs",
      "class A { A() : base(1) { A b = new(2); nameof(b); C.D<int>(3); } }",
      ["A.A: base/1", "A.A: C -> D/1"],
    ],
    [
      "a.go",
      'package a\nfunc f() { m["a"](1); Map[string](2, 3); x[i](3); pkg.G(4) }',
      ["f: Map/2", "f: pkg -> G/1"],
    ],
    [
      "a.rs",
      "fn f() { a::b::c(1); x.y()?.z::<T>(2); assert!(g(3)) }",
      ["f: a::b -> c/1", "f: x -> y/0", "f: x.y() -> z/1", "f: assert/-1", "f: g/-1"],
    ],
    [
      "a.cpp",
      "void f() { static_cast<int>(a); std::sort(b); c->d(); make<T>(e); new Foo(1); }",
      ["f: std -> sort/1", "f: c -> d/0", "f: make/1", "f: Foo/1 new"],
    ],
    [
      "a.php",
      "<?php\nfunction f() { $this->a(1); A::b(); new \\C\\D(2); $x?->e(); echo $y . g(); }",
      ["f: $this -> a/1", "f: A -> b/0", "f: \\C -> D/1 new", "f: $x -> e/0", "f: g/0"],
    ],
    [
      "a.rb",
      "def f\n  save!(1)\n  @a.b&.c 1, 2\n  A::B.new(x)\nend",
      ["f: save!/1", "f: @a.b -> c/2", "f: @a -> b/0", "f: A::B -> new/1"],
    ],
    ["a.lua", "local function f() a:b(1) c.d(2) end", ["f: a -> b/1", "f: c -> d/1"]],
    [
      "a.kt",
      "fun f() { a?.b(1) { it }; run { c() }; d!!.e() }",
      ["f: a -> b/1", "f: run/1", "f: c/0", "f: d -> e/0"],
    ],
    [
      "a.swift",
      "func f() { a?.b(1); run { c() }; D.e(x: 2) }",
      ["f: a -> b/1", "f: run/1", "f: c/0", "f: D -> e/1"],
    ],
    ["a.scala", "object A { def f() = { g[Int](1); a.b(2) } }", ["A.f: g/1", "A.f: a -> b/1"]],
    ["a.ex", "defmodule A do\n  def f(x), do: B.c!(x) |> d()\nend", ["A.f: B -> c!/1", "A.f: d/0"]],
    ["a.hs", "f x = M.g x 1\n", ["f: M -> g/2"]],
    ["a.dart", "void f() { a..b(1); C.d(2); }", ["f: () -> b/1", "f: C -> d/1"]],
    ["a.zig", "fn f() void { a.b(1, 2); c(); }", ["f: a -> b/2", "f: c/0"]],
  ])("%s %s", (path, text, expected) => {
    expect(callsOf(path, text)).toEqual(expected);
  });

  it("two overloads do not share them", () => {
    const text = "class O {\n  void put(int a) { one(); }\n  void put(String a) { two(); }\n}\n";
    const { entities, links } = outlineOf("O.java", text);
    expect(links.calls.map(({ source, name }) => [entities[source - 1]!.name_line, name])).toEqual([
      [2, "one"],
      [3, "two"],
    ]);
    expect(links.parents).toEqual([0, 1, 1]);
  });

  it("a chain of 20,000 calls takes time that grows with its length", () => {
    const { calls } = linksOf("a.js", `a${".b(x)".repeat(20_000)}`);
    expect(calls.length).toBeLessThanOrEqual(20_000);
    expect(Math.max(...calls.map(({ receiver }) => receiver.length))).toBeLessThan(120);
  });
});

describe("imports", () => {
  it.each<[string, string, [local: string, imported: string, module: string, flags?: number][]]>([
    [
      "a.py",
      "import a.b, c as d",
      [
        ["a", "", "a.b"],
        ["d", "", "c"],
      ],
    ],
    [
      "a.py",
      "from ..m import (a as b,\n  c,\n)",
      [
        ["b", "a", "..m"],
        ["c", "c", "..m"],
      ],
    ],
    ["a.py", "from m import *", [["", "", "m", ImportFlag.star]]],
    [
      "a.ts",
      'import a, { b as c, type D } from "m"',
      [
        ["a", "default", "m"],
        ["c", "b", "m"],
        ["D", "D", "m", ImportFlag.typeOnly],
      ],
    ],
    [
      "a.ts",
      'import * as e from "m"; import "n"; import type { T } from "t"',
      [
        ["e", "", "m"],
        ["", "", "n"],
        ["T", "T", "t", ImportFlag.typeOnly],
      ],
    ],
    [
      "a.ts",
      'export { a as b } from "m"; export * from "n"; export * as o from "p"',
      [
        ["b", "a", "m", ImportFlag.reexport],
        ["", "", "n", ImportFlag.reexport | ImportFlag.star],
        ["o", "", "p", ImportFlag.reexport],
      ],
    ],
    [
      "a.js",
      'const a = require("m"); \nconst { b: c } = require("n");\nfunction f() { const d = require("o"); }',
      [
        ["a", "", "m"],
        ["c", "b", "n"],
        ["d", "", "o"],
      ],
    ],
    [
      "A.java",
      "import a.B; import a.*;",
      [
        ["B", "", "a.B"],
        ["", "", "a.*", ImportFlag.star],
      ],
    ],
    [
      "a.go",
      'package a\nimport (\n x "b/c"\n _ "d"\n . "e"\n "f/v2"\n)',
      [
        ["x", "", "b/c"],
        ["", "", "d"],
        ["", "", "e", ImportFlag.star],
        ["f", "", "f/v2"],
      ],
    ],
    ["a.kt", "import a.B as C", [["C", "", "a.B"]]],
    [
      "a.scala",
      "import a.{B => C, D, _}",
      [
        ["C", "", "a.B"],
        ["D", "", "a.D"],
        ["", "", "a._", ImportFlag.star],
      ],
    ],
    [
      "a.cs",
      "using A.B; using C = D.E;",
      [
        ["", "", "A.B", ImportFlag.star],
        ["C", "", "D.E"],
      ],
    ],
    [
      "a.php",
      "<?php\nuse A\\{B, C as D};",
      [
        ["B", "", "A\\B"],
        ["D", "", "A\\C"],
      ],
    ],
    [
      "a.rs",
      "use a::{b as c, d::*}; pub use e::F;",
      [
        ["c", "", "a::b"],
        ["", "", "a::d::*", ImportFlag.star],
        ["F", "", "e::F", ImportFlag.reexport],
      ],
    ],
    ["a.c", "#include <b.h>\n", [["", "", "b.h", ImportFlag.star]]],
    [
      "a.ex",
      "defmodule A do\n  alias B.C, as: D\n  import E\nend",
      [
        ["D", "", "B.C"],
        ["", "", "E", ImportFlag.star],
      ],
    ],
    [
      "a.hs",
      "import qualified A.B as C\nimport D\n",
      [
        ["C", "", "A.B"],
        ["D", "", "D", ImportFlag.star],
      ],
    ],
  ])("%s %s", (path, text, expected) => {
    const { imports } = linksOf(path, text);
    expect(imports.map(({ local, imported, module, flags }) => [local, imported, module, flags])).toEqual(
      expected.map(([local, imported, module, flags = 0]) => [local, imported, module, flags]),
    );
  });
});

describe("what variables hold", () => {
  it.each<[string, string, string[]]>([
    [
      "a.py",
      "def f(self):\n  x = Foo()\n  self.y = m.Bar(1)\n  z: T = g()\n  a = Foo().b()",
      ["called x Foo", "called self.y m.Bar", "annotated z T", "called z g", "called a Foo().b"],
    ],
    ["a.py", "x = a() or b()\ny == c()\nf(k=d())", ["called k d"]],
    [
      "a.ts",
      "const a: Foo = b(); this.c = await new D(); const e = f()\n  .g()",
      ["annotated a Foo", "called a b", "called this.c D", "called e f().g"],
    ],
    [
      "A.java",
      "class A { void f() { Foo<B> x = make(); var y = new C(); } }",
      ["annotated x Foo<B>", "called x make", "called y C"],
    ],
    [
      "a.go",
      "package a\nfunc (s *Stack[T]) Push() { x := NewFoo(); var y *Bar }",
      ["receiver s Stack", "called x NewFoo", "annotated y *Bar"],
    ],
    ["a.cs", "class A { void F() { Foo x = Make(); } }", ["annotated x Foo", "called x Make"]],
    ["a.rb", "@a = Foo.new\n", []],
    [
      "a.rs",
      "fn f() { let x: Foo = g(); let y = Bar::new(); }",
      ["annotated x Foo", "called x g", "called y Bar.new"],
    ],
  ])("%s %s", (path, text, expected) => {
    const { bindings } = linksOf(path, text);
    expect(bindings.map(({ how, name, type }) => `${how} ${name} ${type}`)).toEqual(expected);
  });
});

describe("packages", () => {
  it.each([
    ["A.java", "package a.b;\nclass A {}", "a.b"],
    ["a.go", "package a\n", "a"],
    ["a.kt", "package a.b\nclass C", "a.b"],
    ["a.scala", "package a\npackage b\nclass C", "a.b"],
    ["a.php", "<?php\nnamespace A\\B;\nclass C {}", "A\\B"],
    ["a.cs", "namespace A.B;\nclass C {}", "A.B"],
    ["a.py", "x = 1", ""],
  ])("%s %s", (path, text, expected) => {
    expect(linksOf(path, text).package).toBe(expected);
  });
});

describe("bases keep their path", () => {
  it.each([
    ["a.rb", "class A < ActiveRecord::Base\n  include B::C\nend", ["ActiveRecord::Base", "B::C"]],
    ["a.tsx", "class A extends React.Component<Props, State> {}", ["React.Component"]],
    ["a.py", "class A(m.Base[T], Generic[T], metaclass=M): pass", ["m.Base", "Generic"]],
    ["a.cpp", "class A : public detail::B<C>, D::E {};", ["detail::B", "D::E"]],
    ["A.java", "class A extends b.C<D> implements e.F {}", ["b.C", "e.F"]],
  ])("%s %s", (path, text, expected) => {
    expect(linksOf(path, text).bases.map(({ path: base }) => base)).toEqual(expected);
  });
});

describe("flags of entities", () => {
  it.each<[string, string, Record<string, number>]>([
    [
      "a.py",
      "class A:\n  def __init__(self): pass\n  @staticmethod\n  def f(): pass\ndef _g(): pass",
      {
        A: EntityFlag.exported,
        "A.__init__": EntityFlag.exported | EntityFlag.constructor,
        "A.f": EntityFlag.exported | EntityFlag.static,
        _g: 0,
      },
    ],
    [
      "a.ts",
      "export abstract class A { constructor() {} static f() {} abstract g(): void }\nfunction h() {}",
      {
        A: EntityFlag.exported | EntityFlag.abstract,
        "A.constructor": EntityFlag.constructor,
        "A.f": EntityFlag.static,
        "A.g": EntityFlag.abstract,
        h: 0,
      },
    ],
    [
      "A.java",
      "public class A { public A() {} private static void f() {} }",
      {
        A: EntityFlag.exported,
        "A.A": EntityFlag.exported | EntityFlag.constructor,
        "A.f": EntityFlag.static,
      },
    ],
    ["a.go", "package a\nfunc F() {}\nfunc g() {}", { F: EntityFlag.exported, g: 0 }],
    ["a.rs", "pub fn f() {}\nfn g() {}", { f: EntityFlag.exported, g: 0 }],
  ])("%s %s", (path, text, expected) => {
    const { entities } = outlineOf(path, text);
    const own = entities.filter(({ type }) => type !== "import" && type !== "export");
    expect(Object.fromEntries(own.map(({ qualified, flags = 0 }) => [qualified, flags]))).toEqual(expected);
  });
});
