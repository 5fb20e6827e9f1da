// Makes one file of the MCP SDK and what it needs, dist/vendor/mcp-sdk.js, and lets dist/mcp use that: its hundred modules
// take longer to find than to run, and an agent waits for them at every start. Part of `npm run build`.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const root = fileURLToPath(new URL("..", import.meta.url));
const vendor = join(root, "dist/vendor");
mkdirSync(vendor, { recursive: true });

const entry = join(vendor, "entry.js");
writeFileSync(
  entry,
  'export * from "@modelcontextprotocol/server";\nexport * from "@modelcontextprotocol/server/stdio";\nexport { toNodeHandler } from "@modelcontextprotocol/node";\n',
);
const bundle = await rolldown({ input: entry, platform: "node", logLevel: "silent" });
const { output } = await bundle.write({
  file: join(vendor, "mcp-sdk.js"),
  format: "esm",
  codeSplitting: false,
});
await bundle.close();
rmSync(entry);

// The licences of what is inside go with it.
const packages = new Set(
  output.flatMap(({ moduleIds = [] }) =>
    moduleIds.flatMap(
      (id) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(id.replaceAll("\\", "/"))?.[1] ?? [],
    ),
  ),
);
for (const name of packages) {
  const folder = join(root, "node_modules", name);
  const licence = existsSync(folder) && readdirSync(folder).find((file) => /^licen[cs]e/i.test(file));
  if (licence) copyFileSync(join(folder, licence), join(vendor, `${name.replace("/", "-")}.${licence}`));
}

const PACKAGE = /from "@modelcontextprotocol\/(?:server|server\/stdio|node)"/g;
for (const name of readdirSync(join(root, "dist/mcp")).filter((file) => file.endsWith(".js"))) {
  const file = join(root, "dist/mcp", name);
  writeFileSync(file, readFileSync(file, "utf8").replace(PACKAGE, 'from "../vendor/mcp-sdk.js"'));
}
