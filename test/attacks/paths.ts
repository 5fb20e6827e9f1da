/** Ways out of the folder that is served: paths, ids, names of files and of workspaces. */
import { type Attack, asks, posts, type World } from "./wire.ts";

/** What lies outside is told by nothing. */
const SECRET = /CANARY|root:x:/;

const ingested: readonly [string, (world: World) => string][] = [
  ["the folder above", () => ".."],
  ["a folder beside", () => "../outside"],
  ["a folder beside, by way of one inside", () => "src/../../outside"],
  ["a folder beside, as an absolute path", ({ outside }) => outside],
  ["a file of the machine", () => "/etc/passwd"],
  ["a folder of the machine", () => "/etc"],
  ["many folders above", () => `${"../".repeat(40)}etc`],
  ["a link that leads out", () => "way-out"],
  ["a file behind a link that leads out", () => "way-out/secret.md"],
  ["a file behind a link, by way of the folder above", () => "way-out/../way-out/secret.md"],
  ["the root with more at its end", ({ root }) => `${root}-other`],
  ["a process of the machine", () => "/proc/self/environ"],
  ["an address", () => "file:///etc/passwd"],
  ["an address of the network", () => "http://127.0.0.1/etc/passwd"],
  ["dots that are encoded", () => "%2e%2e/outside"],
  ["dots with backslashes", () => "..\\outside"],
  ["a share of the network", () => "\\\\server\\share"],
  ["a NUL", () => "src\0/../../outside"],
  ["a tilde", () => "~/.ssh"],
  ["a variable", () => "$HOME/.ssh"],
  ["a command", () => "$(cat /etc/passwd)"],
  ["20,000 letters", () => "a".repeat(20_000)],
  ["30,000 dots", () => "../".repeat(10_000)],
];

const ids = [
  "../../../etc/passwd",
  "..",
  ".",
  "/etc/passwd",
  "....//....//etc/passwd",
  "..\\..\\etc\\passwd",
  "way-out/secret.md",
  "src/../../outside/secret.md",
  "momo.db",
  ".momo/momo.db",
  "\0",
  "secret.md\0.ts",
  "file:///etc/passwd",
];

const filenames = [
  "../../escaped.md",
  "..%2f..%2fescaped.md",
  "/tmp/escaped.md",
  "..\\..\\escaped.md",
  "C:\\escaped.md",
  "..",
  ".",
  "escaped.md\\0.exe",
];

const form = (filename: string): string =>
  [
    "--edge",
    `Content-Disposition: form-data; name="file"; filename="${filename}"`,
    "Content-Type: text/markdown",
    "",
    "# Escaped",
    "--edge--",
    "",
  ].join("\r\n");

const workspaces = [
  "../outside",
  "..",
  "/etc",
  "__proto__",
  "constructor",
  "*",
  "toString",
  "a".repeat(5000),
  "%00",
];

const raw = [
  "/../../../etc/passwd",
  "/..%2f..%2fetc/passwd",
  "/entries/../../etc/passwd",
  "//etc/passwd",
  "/./../etc",
];

export const paths: readonly Attack[] = [
  ...ingested.map(([name, path]): Attack => {
    const told = posts("", "POST /ingest", { json: {}, expect: 0 });
    return {
      ...told,
      name: `ingest: ${name}`,
      expect: [400, 403, 404],
      never: SECRET,
      run: (world) => posts("", "POST /ingest", { json: { path: path(world) }, expect: 0 }).run(world),
    };
  }),
  ...["../outside", "/etc", "way-out", "..", "src/../.."].map((directory) =>
    posts(`search below ${directory}`, "POST /query", {
      json: { query: "canary secret", filters: { directories: [directory] } },
      expect: [200, 400, 403, 404],
      never: SECRET,
    }),
  ),
  ...["../**", "/etc/**", "way-out/**", "**/../../outside/*"].map((glob) =>
    posts(`search in files ${glob}`, "POST /query", {
      json: { query: "canary secret", filters: { paths: [glob] } },
      expect: [200, 400],
      never: SECRET,
    }),
  ),
  ...["../**", "/etc/*", "way-out/*"].map((pattern) =>
    posts(`ingest what matches ${pattern}`, "POST /ingest", {
      json: { patterns: [pattern] },
      expect: [200, 400],
      never: SECRET,
    }),
  ),
  ...ids.map((id) =>
    asks(`entry ${JSON.stringify(id)}`, `GET /entries/${encodeURIComponent(id)}`, {
      expect: [400, 404],
      never: SECRET,
    }),
  ),
  ...ids.slice(0, 6).map((id) =>
    asks(`document ${JSON.stringify(id)}`, `GET /documents/${encodeURIComponent(id)}`, {
      expect: [400, 404],
      never: SECRET,
    }),
  ),
  ...ids.slice(0, 9).map((id) =>
    asks(`entity ${JSON.stringify(id)}`, `GET /entities/${encodeURIComponent(id)}`, {
      expect: [400, 404],
      never: SECRET,
    }),
  ),
  ...filenames.map((filename) =>
    asks(`upload as ${filename}`, "POST /ingest", {
      body: form(filename),
      type: "multipart/form-data; boundary=edge",
      // A name is an id and no path: what is left of it after the last slash is kept, or refused.
      expect: [201, 400],
    }),
  ),
  ...workspaces.map((workspace) =>
    asks(`workspace ${workspace.slice(0, 30)}`, `GET /stats?workspace=${workspace}`, { expect: [400, 404] }),
  ),
  ...workspaces.slice(0, 7).map((workspace) =>
    asks(`workspace ${workspace} by its header`, "GET /stats", {
      headers: [`Momo-Workspace: ${workspace}`],
      expect: 404,
    }),
  ),
  ...raw.map((path) => asks(`address ${path}`, `GET ${path}`, { expect: [400, 404], never: SECRET })),
  ...["/.git/config", "/.momo/momo.db", "/package.json", "/.env", "/keys.json", "/.momo/keys.json"].map(
    (path) => asks(`file ${path}`, `GET ${path}`, { expect: 404 }),
  ),
];
