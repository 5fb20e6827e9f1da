/**
 * Writes a folder of generated sources for scale measurements: node bench/generate.ts FOLDER [--files 10000] [--entities 10]
 * Python, TypeScript, Go and Java in turn; names and comments from a fixed vocabulary with a natural (Zipf) spread, so
 * that postings have the shape of real ones. The same arguments give the same bytes.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { files: { type: "string", default: "10000" }, entities: { type: "string", default: "10" } },
});
if (!positionals[0]) throw new Error("say where: node bench/generate.ts FOLDER");

const SYLLABLES = "ac be co da el fi ga he in jo ka lo mu ne or pa qu re sa te ul va wi xe ya zo".split(" ");
let state = 42;
const random = (): number => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
};
const WORDS = Array.from({ length: 4000 }, (_, i) => {
  let word = "";
  for (let n = i + 26; n > 0; n = Math.floor(n / 26)) word += SYLLABLES[n % 26];
  return word;
});
/** Rank r is drawn with probability about 1/r. */
const word = (): string => WORDS[Math.floor(WORDS.length ** random()) - 1];
const words = (count: number): string[] => Array.from({ length: count }, word);
const camel = (parts: string[]): string =>
  parts.map((part, i) => (i ? part[0].toUpperCase() + part.slice(1) : part)).join("");
const title = (parts: string[]): string => camel(["", ...parts]);

interface Style {
  extension: string;
  comment: string;
  head: (name: string) => string;
  define: (name: string, body: string[]) => string;
  tail: string;
}
const styles: Style[] = [
  {
    extension: "py",
    comment: "#",
    head: (name) => `import ${word()}\n\n\nclass ${name}:\n    """${words(8).join(" ")}."""\n`,
    define: (name, body) =>
      `\n    def ${name}(self, ${word()}):\n${body.map((line) => `        ${line}\n`).join("")}        return ${word()}\n`,
    tail: "",
  },
  {
    extension: "ts",
    comment: "//",
    head: (name) => `import { ${word()} } from "./${word()}";\n\nexport class ${name} {\n`,
    define: (name, body) =>
      `\n  ${name}(${word()}: string) {\n${body.map((line) => `    ${line};\n`).join("")}    return ${word()};\n  }\n`,
    tail: "}\n",
  },
  {
    extension: "go",
    comment: "//",
    head: (name) =>
      `package ${word()}\n\nimport "${word()}"\n\ntype ${name} struct {\n\t${word()} string\n}\n`,
    define: (name, body) =>
      `\nfunc ${name}(${word()} string) string {\n${body.map((line) => `\t${line}\n`).join("")}\treturn ${word()}\n}\n`,
    tail: "",
  },
  {
    extension: "java",
    comment: "//",
    head: (name) => `import ${word()}.${title(words(1))};\n\npublic class ${name} {\n`,
    define: (name, body) =>
      `\n    public String ${name}(String ${word()}) {\n${body.map((line) => `        ${line};\n`).join("")}        return ${word()};\n    }\n`,
    tail: "}\n",
  },
];

const perFile = Number(options.entities) - 1;
for (let i = 0; i < Number(options.files); i++) {
  const style = styles[i % styles.length];
  const name = words(2);
  const path = join(positionals[0], word(), word(), `${name.join("_")}_${i}.${style.extension}`);
  let text = `${style.comment} ${words(12).join(" ")}\n${style.head(title([...name, `${i}`]))}`;
  for (let n = 0; n < perFile; n++) {
    const body = Array.from(
      { length: 3 },
      () => `${camel(words(2))} = ${camel(words(2))}(${word()}, "${words(3).join(" ")}")`,
    );
    text += style.define(
      `${camel(words(3))}${n}`,
      [`${style.comment} ${words(8).join(" ")}`, ...body].slice(style.comment === "#" ? 0 : 1),
    );
  }
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text + style.tail);
}
