/** Which language a file is in, by name, extension or shebang; a table, used by collect, ingest and search filters. */

/** How far Momo understands a language: entities from a grammar, entities from line patterns, or words only. */
export type Support = "grammar" | "patterns" | "text";

export interface Language {
  name: string;
  support: Support;
  extensions: string[];
  /** Whole file names, lower case: `dockerfile`, `makefile`. */
  filenames?: string[];
  /** Interpreters of a `#!` line: `python3`, `node`. */
  interpreters?: string[];
}

/** Every language Momo knows; an extension or file name belongs to one row only (a test checks). */
export const languages: Language[] = [
  {
    name: "python",
    support: "grammar",
    extensions: [".py", ".pyi", ".pyw"],
    filenames: ["sconstruct", "wscript"],
    interpreters: ["python", "python2", "python3", "pypy", "pypy3"],
  },
  {
    name: "javascript",
    support: "grammar",
    extensions: [".js", ".jsx", ".mjs", ".cjs"],
    filenames: ["jakefile"],
    interpreters: ["node", "nodejs", "bun"],
  },
  {
    name: "typescript",
    support: "grammar",
    extensions: [".ts", ".tsx", ".mts", ".cts"],
    interpreters: ["deno", "ts-node", "tsx"],
  },
  { name: "java", support: "grammar", extensions: [".java"] },
  { name: "c", support: "grammar", extensions: [".c", ".h"] },
  {
    name: "cpp",
    support: "grammar",
    extensions: [".cc", ".cpp", ".cxx", ".c++", ".hpp", ".hh", ".hxx", ".h++", ".ipp", ".inl", ".tpp"],
  },
  { name: "csharp", support: "grammar", extensions: [".cs", ".csx"] },
  { name: "go", support: "grammar", extensions: [".go"] },
  { name: "rust", support: "grammar", extensions: [".rs"] },
  {
    name: "ruby",
    support: "grammar",
    extensions: [".rb", ".rake", ".gemspec", ".ru", ".podspec"],
    filenames: ["rakefile", "gemfile", "guardfile", "podfile", "capfile", "vagrantfile", "brewfile"],
    interpreters: ["ruby", "jruby", "rake"],
  },
  { name: "php", support: "grammar", extensions: [".php", ".phtml"], interpreters: ["php"] },
  { name: "kotlin", support: "grammar", extensions: [".kt", ".kts"], interpreters: ["kotlin"] },
  { name: "swift", support: "grammar", extensions: [".swift"], interpreters: ["swift"] },
  { name: "scala", support: "grammar", extensions: [".scala", ".sbt", ".sc"], interpreters: ["scala"] },
  { name: "elixir", support: "grammar", extensions: [".ex", ".exs"], interpreters: ["elixir"] },
  {
    name: "haskell",
    support: "grammar",
    extensions: [".hs"],
    interpreters: ["runghc", "runhaskell", "stack"],
  },
  { name: "lua", support: "grammar", extensions: [".lua"], interpreters: ["lua", "luajit"] },
  { name: "zig", support: "grammar", extensions: [".zig", ".zon"] },
  {
    name: "bash",
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
  },
  { name: "dart", support: "grammar", extensions: [".dart"], interpreters: ["dart"] },
  { name: "sql", support: "patterns", extensions: [".sql", ".ddl", ".pgsql", ".psql"] },
  { name: "html", support: "text", extensions: [".html", ".htm", ".xhtml"] },
  { name: "css", support: "text", extensions: [".css", ".scss", ".less", ".sass"] },
  { name: "vue", support: "text", extensions: [".vue"] },
  { name: "svelte", support: "text", extensions: [".svelte"] },
  { name: "markdown", support: "text", extensions: [".md", ".mdx", ".markdown"] },
  { name: "restructuredtext", support: "text", extensions: [".rst"] },
  { name: "json", support: "text", extensions: [".json", ".jsonc", ".json5", ".webmanifest"] },
  { name: "yaml", support: "text", extensions: [".yaml", ".yml"] },
  { name: "toml", support: "text", extensions: [".toml"], filenames: ["pipfile"] },
  {
    name: "xml",
    support: "text",
    extensions: [".xml", ".xsd", ".xsl", ".csproj", ".fsproj", ".props", ".plist"],
  },
  {
    name: "dockerfile",
    support: "text",
    extensions: [".dockerfile"],
    filenames: ["dockerfile", "containerfile"],
  },
  {
    name: "makefile",
    support: "text",
    extensions: [".mk", ".mak"],
    filenames: ["makefile", "gnumakefile", "justfile"],
    interpreters: ["make"],
  },
  { name: "cmake", support: "text", extensions: [".cmake"], filenames: ["cmakelists.txt"] },
  { name: "protobuf", support: "text", extensions: [".proto"] },
  { name: "graphql", support: "text", extensions: [".graphql", ".gql", ".graphqls"] },
  { name: "terraform", support: "text", extensions: [".tf", ".tfvars", ".hcl"] },
  {
    name: "ini",
    support: "text",
    extensions: [".ini", ".cfg", ".conf", ".properties", ".editorconfig"],
    filenames: [".editorconfig", ".gitconfig", ".npmrc", ".flake8", ".pylintrc"],
  },
  {
    name: "text",
    support: "text",
    extensions: [".txt"],
    filenames: ["readme", "license", "changelog", "authors"],
  },
];

const byExtension = new Map(languages.flatMap((one) => one.extensions.map((key) => [key, one] as const)));
const byFilename = new Map(
  languages.flatMap((one) => (one.filenames ?? []).map((key) => [key, one] as const)),
);
const byInterpreter = new Map(
  languages.flatMap((one) => (one.interpreters ?? []).map((key) => [key, one] as const)),
);

/**
 * The language of a file, or undefined when the table has none for it.
 * `firstBytesText` (the file's beginning) is looked at only for a `#!` line, and only when the name says nothing.
 */
export function detectLanguage(path: string, firstBytesText?: string): Language | undefined {
  const filename = path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1).toLowerCase();
  const dot = filename.lastIndexOf(".");
  const named = byFilename.get(filename) ?? (dot >= 0 ? byExtension.get(filename.slice(dot)) : undefined);
  if (named) return named;
  // `Dockerfile.dev`, `Makefile.am`: the name says it, whatever follows the dot.
  const stem = dot > 0 ? byFilename.get(filename.slice(0, filename.indexOf("."))) : undefined;
  if (stem?.name === "dockerfile" || stem?.name === "makefile") return stem;
  return firstBytesText?.startsWith("#!") ? byShebang(firstBytesText) : undefined;
}

/** Names of all languages, in table order: what `--language` accepts. */
export const languageNames = (): string[] => languages.map((one) => one.name);

/** `#!/usr/bin/env -S python3.12 -u` is python: the first word that is no path, option or assignment, version cut. */
function byShebang(text: string): Language | undefined {
  const end = text.indexOf("\n");
  const words = text
    .slice(2, end < 0 ? 200 : Math.min(end, 200))
    .trim()
    .split(/\s+/);
  for (const word of words) {
    const program = word.slice(word.lastIndexOf("/") + 1);
    if (program === "env" || word.startsWith("-") || word.includes("=")) continue;
    return byInterpreter.get(program) ?? byInterpreter.get(program.replace(/[\d.]+$/, ""));
  }
  return undefined;
}
