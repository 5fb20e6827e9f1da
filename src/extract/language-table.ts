/**
 * All that Momo knows of a language besides its grammar's nodes (languages/): one typed row each. Used through
 * language.ts, which finds the row of a file or a name. A new language is a row here.
 */
import type { CommentSyntax } from "./comment-syntax.ts";

/** How far Momo understands a language: entities from a grammar, entities from line patterns, or words only. */
export type Support = "grammar" | "patterns" | "text";

export interface LanguageRow {
  support: Support;
  extensions: string[];
  /** Whole file names, lower case: `dockerfile`, `makefile`. */
  filenames?: string[];
  /** Interpreters of a `#!` line: `python3`, `node`. */
  interpreters?: string[];
  /** What a file of it is to a reader. */
  holds: "code" | "configuration" | "documentation";
  /** How comments and strings are written, for the lexer. */
  comments: CommentSyntax;
  /** Its modules are types to a reader; elsewhere a module is a name space. */
  moduleIsType?: true;
  /** A definition is documented by the text that its body begins with. */
  docstrings?: true;
  /** Lines that start with `#` are headings, and a chunk likes to begin there. */
  headings?: true;
  /** Definitions of one name are told apart by the types of their parameters. */
  overloads?: true;
  /** A module of this name at a file's end holds the file's own tests. */
  testModule?: string;
  /** Which definitions others may use; unless they are said to be private when left out. */
  exports?: "named" | "public" | "capital" | "no-underscore" | "not-static";
  /** Names of its constructors. */
  constructors?: ReadonlySet<string> | "as its type";
  /** Words that can stand before an argument list without being called. */
  notCalled?: ReadonlySet<string>;
  /** `?` and `!` at the end of a name belong to it. */
  marksInNames?: true;
  /** What stands between an object and its method; a dot when left out. */
  joints?: readonly string[];
  /** `list..add(x)` calls a method and gives the list again. */
  cascades?: true;
  /** Type arguments stand in square brackets: `make[Shape](…)`; elsewhere what is in them is an index. */
  typesInBrackets?: true;
}

const words = (list: string): ReadonlySet<string> => new Set(list.split(" "));

const c: CommentSyntax = {
  line: ["//"],
  block: [["/*", "*/"]],
  quotes: '"',
  longQuotes: "",
  character: true,
};
const cTriple: CommentSyntax = { ...c, triple: { marks: ['"""'], as: "string" } };
const script: CommentSyntax = { line: ["//"], block: [["/*", "*/"]], quotes: "\"'", longQuotes: "`" };
const hash: CommentSyntax = { line: ["#"], block: [], quotes: "\"'", longQuotes: "" };
const markup: CommentSyntax = { line: [], block: [["<!--", "-->"]], quotes: "", longQuotes: "" };
const shell: CommentSyntax = {
  line: ["#"],
  block: [],
  quotes: "",
  longQuotes: "\"'",
  rule: "hash-after-space",
};
/** Words only: everything is code. */
const plain: CommentSyntax = { line: [], block: [], quotes: "", longQuotes: "" };

const scriptWords = words(
  "await case catch delete else for function if in instanceof of return switch throw typeof void while yield",
);
const cWords = words(
  "alignas alignof catch const_cast decltype defined dynamic_cast else for if noexcept reinterpret_cast return sizeof static_assert static_cast switch typeid typeof while",
);

const rows = {
  python: {
    support: "grammar",
    extensions: [".py", ".pyi", ".pyw"],
    filenames: ["sconstruct", "wscript"],
    interpreters: ["python", "python2", "python3", "pypy", "pypy3"],
    holds: "code",
    comments: { ...hash, triple: { marks: ['"""', "'''"], as: "comment" } },
    docstrings: true,
    notCalled: words(
      "and as assert async await del elif else except from if in is lambda not or raise return while with yield",
    ),
    exports: "no-underscore",
    constructors: words("__init__ __new__"),
  },
  javascript: {
    support: "grammar",
    extensions: [".js", ".jsx", ".mjs", ".cjs"],
    filenames: ["jakefile"],
    interpreters: ["node", "nodejs", "bun"],
    holds: "code",
    comments: script,
    notCalled: scriptWords,
    exports: "named",
    constructors: words("constructor"),
  },
  typescript: {
    support: "grammar",
    extensions: [".ts", ".tsx", ".mts", ".cts"],
    interpreters: ["deno", "ts-node", "tsx"],
    holds: "code",
    comments: script,
    overloads: true,
    notCalled: scriptWords,
    exports: "named",
    constructors: words("constructor"),
  },
  java: {
    support: "grammar",
    extensions: [".java"],
    holds: "code",
    comments: cTriple,
    overloads: true,
    notCalled: words("assert catch for if new return switch synchronized try while yield"),
    exports: "public",
    constructors: "as its type",
  },
  c: {
    support: "grammar",
    extensions: [".c", ".h"],
    holds: "code",
    comments: c,
    notCalled: cWords,
    exports: "not-static",
    joints: ["->", "."],
  },
  cpp: {
    support: "grammar",
    extensions: [".cc", ".cpp", ".cxx", ".c++", ".hpp", ".hh", ".hxx", ".h++", ".ipp", ".inl", ".tpp"],
    holds: "code",
    comments: c,
    overloads: true,
    notCalled: cWords,
    constructors: "as its type",
    joints: ["::", "->", "."],
  },
  csharp: {
    support: "grammar",
    extensions: [".cs", ".csx"],
    holds: "code",
    comments: cTriple,
    overloads: true,
    notCalled: words(
      "catch checked default fixed for foreach if is lock nameof new return sizeof switch typeof unchecked using when while",
    ),
    exports: "public",
    constructors: "as its type",
  },
  go: {
    support: "grammar",
    extensions: [".go"],
    holds: "code",
    comments: { ...c, longQuotes: "`" },
    notCalled: words("chan case defer for func go if interface map range return select struct switch"),
    typesInBrackets: true,
    exports: "capital",
  },
  rust: {
    support: "grammar",
    extensions: [".rs"],
    holds: "code",
    comments: { ...c, longQuotes: '"', quotes: "" },
    testModule: "tests",
    notCalled: words(
      "as box break else fn for if impl in let loop match move mut ref return unsafe where while",
    ),
    exports: "public",
    joints: ["::", "."],
  },
  ruby: {
    support: "grammar",
    extensions: [".rb", ".rake", ".gemspec", ".ru", ".podspec"],
    filenames: ["rakefile", "gemfile", "guardfile", "podfile", "capfile", "vagrantfile", "brewfile"],
    interpreters: ["ruby", "jruby", "rake"],
    holds: "code",
    comments: { ...hash, block: [["=begin", "=end"]], rule: "hash-not-brace" },
    moduleIsType: true,
    marksInNames: true,
    constructors: words("initialize"),
    joints: ["::", "&.", "."],
  },
  php: {
    support: "grammar",
    extensions: [".php", ".phtml"],
    interpreters: ["php"],
    holds: "code",
    comments: {
      line: ["//", "#"],
      block: [["/*", "*/"]],
      quotes: "",
      longQuotes: "\"'",
      rule: "hash-not-bracket",
    },
    notCalled: words(
      "and array catch declare echo elseif empty exit fn for foreach function if isset list match new or print return switch unset use while xor",
    ),
    constructors: words("__construct"),
    joints: ["::", "->", "\\"],
  },
  kotlin: {
    support: "grammar",
    extensions: [".kt", ".kts"],
    interpreters: ["kotlin"],
    holds: "code",
    comments: cTriple,
    moduleIsType: true,
    overloads: true,
    notCalled: words("catch do else finally for if in is return throw try when while"),
    constructors: words("constructor"),
  },
  swift: {
    support: "grammar",
    extensions: [".swift"],
    interpreters: ["swift"],
    holds: "code",
    comments: cTriple,
    moduleIsType: true,
    overloads: true,
    notCalled: words("as catch defer do else for guard if in is repeat return switch throw try while"),
    exports: "public",
    constructors: words("init"),
  },
  scala: {
    support: "grammar",
    extensions: [".scala", ".sbt", ".sc"],
    interpreters: ["scala"],
    holds: "code",
    comments: cTriple,
    moduleIsType: true,
    overloads: true,
    notCalled: words("case catch do else finally for if match new return then throw try while yield"),
    typesInBrackets: true,
  },
  elixir: {
    support: "grammar",
    extensions: [".ex", ".exs"],
    interpreters: ["elixir"],
    holds: "code",
    comments: { ...hash, quotes: '"', triple: { marks: ['"""'], as: "comment" }, rule: "hash-not-brace" },
    moduleIsType: true,
    docstrings: true,
    notCalled: words("and do else fn in not or when"),
    marksInNames: true,
  },
  haskell: {
    support: "grammar",
    extensions: [".hs"],
    interpreters: ["runghc", "runhaskell", "stack"],
    holds: "code",
    comments: { line: ["--"], block: [["{-", "-}"]], quotes: '"', longQuotes: "", rule: "haskell-dashes" },
    moduleIsType: true,
    exports: "named",
  },
  lua: {
    support: "grammar",
    extensions: [".lua"],
    interpreters: ["lua", "luajit"],
    holds: "code",
    comments: { line: ["--"], block: [], quotes: "\"'", longQuotes: "", rule: "lua-brackets" },
    notCalled: words("and elseif function if in not or return until while"),
    joints: [".", ":"],
  },
  zig: {
    support: "grammar",
    extensions: [".zig", ".zon"],
    holds: "code",
    comments: c,
    notCalled: words("and catch comptime fn for if or orelse return switch try while"),
    exports: "public",
  },
  bash: {
    support: "grammar",
    extensions: [".sh", ".bash", ".zsh", ".bats", ".ksh"],
    filenames: [
      ".bashrc",
      ".bash_profile",
      ".bash_aliases",
      ".bash_logout",
      ".profile",
      ".zshrc",
      ".zshenv",
      ".zprofile",
      "pkgbuild",
    ],
    interpreters: ["sh", "bash", "zsh", "dash", "ksh", "bats"],
    holds: "code",
    comments: shell,
  },
  dart: {
    support: "grammar",
    extensions: [".dart"],
    interpreters: ["dart"],
    holds: "code",
    comments: {
      ...cTriple,
      quotes: "\"'",
      character: false,
      triple: { marks: ['"""', "'''"], as: "string" },
    },
    notCalled: words("assert await case catch for if in is new const return switch throw while yield"),
    exports: "no-underscore",
    constructors: "as its type",
    cascades: true,
  },
  sql: {
    support: "patterns",
    extensions: [".sql", ".ddl", ".pgsql", ".psql"],
    holds: "code",
    comments: { line: ["--"], block: [["/*", "*/"]], quotes: "'", longQuotes: "" },
  },
  html: {
    support: "text",
    extensions: [".html", ".htm", ".xhtml"],
    holds: "code",
    comments: markup,
  },
  css: {
    support: "text",
    extensions: [".css", ".scss", ".less", ".sass"],
    holds: "code",
    comments: { line: [], block: [["/*", "*/"]], quotes: "\"'", longQuotes: "" },
  },
  vue: {
    support: "text",
    extensions: [".vue"],
    holds: "code",
    comments: markup,
  },
  svelte: {
    support: "text",
    extensions: [".svelte"],
    holds: "code",
    comments: markup,
  },
  markdown: {
    support: "text",
    extensions: [".md", ".mdx", ".markdown"],
    holds: "documentation",
    comments: plain,
    headings: true,
  },
  restructuredtext: {
    support: "text",
    extensions: [".rst"],
    holds: "documentation",
    comments: plain,
  },
  json: {
    support: "text",
    extensions: [".json", ".jsonc", ".json5", ".webmanifest"],
    holds: "configuration",
    comments: plain,
  },
  yaml: {
    support: "text",
    extensions: [".yaml", ".yml"],
    holds: "configuration",
    comments: { ...hash, quotes: "", rule: "hash-after-space" },
  },
  toml: {
    support: "text",
    extensions: [".toml"],
    filenames: ["pipfile"],
    holds: "configuration",
    comments: hash,
  },
  xml: {
    support: "text",
    extensions: [".xml", ".xsd", ".xsl", ".csproj", ".fsproj", ".props", ".plist"],
    holds: "configuration",
    comments: markup,
  },
  dockerfile: {
    support: "text",
    extensions: [".dockerfile"],
    filenames: ["dockerfile", "containerfile"],
    holds: "configuration",
    comments: { ...hash, quotes: "" },
  },
  makefile: {
    support: "text",
    extensions: [".mk", ".mak"],
    filenames: ["makefile", "gnumakefile", "justfile"],
    interpreters: ["make"],
    holds: "configuration",
    comments: { ...hash, quotes: "" },
  },
  cmake: {
    support: "text",
    extensions: [".cmake"],
    filenames: ["cmakelists.txt"],
    holds: "configuration",
    comments: { ...hash, quotes: '"' },
  },
  protobuf: {
    support: "text",
    extensions: [".proto"],
    holds: "code",
    comments: { ...c, character: false },
  },
  graphql: {
    support: "text",
    extensions: [".graphql", ".gql", ".graphqls"],
    holds: "code",
    comments: { ...hash, triple: { marks: ['"""'], as: "comment" } },
  },
  terraform: {
    support: "text",
    extensions: [".tf", ".tfvars", ".hcl"],
    holds: "configuration",
    comments: { line: ["#", "//"], block: [["/*", "*/"]], quotes: '"', longQuotes: "" },
  },
  ini: {
    support: "text",
    extensions: [".ini", ".cfg", ".conf", ".properties", ".editorconfig"],
    filenames: [".editorconfig", ".gitconfig", ".npmrc", ".flake8", ".pylintrc"],
    holds: "configuration",
    comments: { ...plain, line: ["#", ";"], rule: "hash-after-space" },
  },
  text: {
    support: "text",
    extensions: [".txt"],
    filenames: ["readme", "license", "changelog", "authors"],
    holds: "documentation",
    comments: plain,
  },
} satisfies Record<string, LanguageRow>;

export type LanguageName = keyof typeof rows;

/** The names of the languages whose row says so. */
type Supported<S extends Support> = {
  [Name in LanguageName]: (typeof rows)[Name]["support"] extends S ? Name : never;
}[LanguageName];

export type GrammarLanguage = Supported<"grammar">;
export type PatternLanguage = Supported<"patterns">;

export const languageTable: Record<LanguageName, LanguageRow> = rows;
