// Puts the grammars into dist/grammars, with the licences of the packages they come from, and the table of embeddings. Last step of `npm run build`.
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const grammars = JSON.parse(readFileSync(join(root, "src/extract/grammars.json"), "utf8"));
const target = join(root, "dist/grammars");
mkdirSync(target, { recursive: true });

copyFileSync(join(root, "src/store/vector/static.bin"), join(root, "dist/store/vector/static.bin"));

const packageOf = (path) =>
  path
    .split("/")
    .slice(0, path.startsWith("@") ? 2 : 1)
    .join("/");

for (const [name, path] of Object.entries(grammars)) {
  copyFileSync(join(root, "node_modules", path), join(target, `${name}.wasm`));
}

const notices = [...new Set(Object.values(grammars).map(packageOf))].sort().map((name) => {
  const folder = join(root, "node_modules", name);
  const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const texts = readdirSync(folder)
    .filter((file) => /^(license|notice|thirdpartynotices|cgmanifest)/i.test(file))
    .map((file) => readFileSync(join(folder, file), "utf8").trim());
  return [`${name} ${version} (${license})`, ...texts].join("\n\n");
});
writeFileSync(join(target, "NOTICE.txt"), `${notices.join(`\n\n${"-".repeat(80)}\n\n`)}\n`);
