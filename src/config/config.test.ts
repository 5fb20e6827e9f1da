import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type ErrorCode, MomoError } from "../errors.ts";
import { configFile, describeConfig, embeddingKey, loadConfig, setConfig, unsetConfig } from "./config.ts";
import { settingKeys, settingOf } from "./settings.ts";

const isRoot = process.getuid?.() === 0;
let home: string;
beforeEach(() => {
  home = join(mkdtempSync(join(tmpdir(), "momo-config-")), "home");
});
afterEach(() => rmSync(join(home, ".."), { recursive: true, force: true }));

function write(content: unknown): void {
  mkdirSync(home, { recursive: true });
  writeFileSync(configFile(home), typeof content === "string" ? content : JSON.stringify(content));
}

/** The error that a call ends with. */
function fault(call: () => unknown): MomoError {
  try {
    call();
  } catch (error) {
    if (error instanceof MomoError) return error;
    throw error;
  }
  throw new Error("no error");
}

function expectFault(call: () => unknown, code: ErrorCode, ...words: string[]): void {
  const error = fault(call);
  expect(error).toMatchObject({ code });
  for (const word of words) expect(error.message).toContain(word);
}

describe("loadConfig", () => {
  test("without anything, the defaults", () => {
    const config = loadConfig(home, {});
    expect(config.values).toEqual({
      max_file_size_mb: 10,
      patterns: [],
      ignore_patterns: [],
      workers: 0,
      max_search_results: 100,
      expand: "spelling",
      wait_ms: 5000,
      cache_ttl_search: 1800,
      color: "auto",
      offline: false,
      embedding_strategy: "static",
      embedding_model: "",
      embedding_folder: "",
      embedding_url: "",
      embedding_batch: 32,
      embedding_timeout: 60,
      embedding_dimensions: 0,
      cache_ttl_embeddings: 3600,
      vector_fusion: "scores",
      vector_weight: 1,
      hybrid_model: "transformer",
      hybrid_fusion: "weights",
      hybrid_weight_tfidf: 0.3,
      hybrid_weight_model: 0.7,
      api_host: "127.0.0.1",
      api_port: 8000,
      metrics_port: 0,
      allowed_origins: [],
      allowed_hosts: [],
      search_threads: 0,
      max_queue: 256,
      query_timeout_seconds: 30,
      max_body_mb: 10,
      rate_limit: 600,
      shutdown_seconds: 10,
      mcp_tools: [],
      log_level: "info",
      log_format: "auto",
      trace_url: "",
      jwt_algorithm: "HS256",
      jwt_keys: "",
      keep_days: 90,
      jwt_issuer: "",
      jwt_audience: "momo",
    });
    expect(new Set(Object.values(config.sources))).toEqual(new Set(["default"]));
    expect(config.warnings).toEqual([]);
    expect(loadConfig(undefined, {}).values).toEqual(config.values);
  });

  test("lists are not shared", () => {
    loadConfig(home, {}).values.patterns.push("*.py");
    expect(loadConfig(home, {}).values.patterns).toEqual([]);
  });

  test("a flag beats the environment beats the file beats the default", () => {
    write({ wait_ms: 1, workers: 1, color: "always" });
    const config = loadConfig(home, { MOMO_WAIT_MS: "2", MOMO_WORKERS: "2" }, { wait_ms: "3" });
    expect(config.values).toMatchObject({ wait_ms: 3, workers: 2, color: "always", max_file_size_mb: 10 });
    expect(config.sources).toMatchObject({
      wait_ms: "flag",
      workers: "environment",
      color: "file",
      patterns: "default",
    });
  });

  test("an empty variable and an absent flag say nothing", () => {
    expect(loadConfig(home, { MOMO_WORKERS: "" }, { workers: undefined }).sources.workers).toBe("default");
  });

  test("values are read by type", () => {
    const env = {
      MOMO_MAX_FILE_SIZE_MB: " 0.5 ",
      MOMO_COLOR: "NEVER",
      MOMO_PATTERNS: " *.{js,ts}, docs/ ,,",
    };
    expect(loadConfig(home, env).values).toMatchObject({
      max_file_size_mb: 0.5,
      color: "never",
      patterns: ["*.{js,ts}", "docs/"],
    });
    write({ patterns: ["a,b.py"], ignore_patterns: "x/,y/" });
    expect(loadConfig(home, {}).values).toMatchObject({
      patterns: ["a,b.py"],
      ignore_patterns: ["x/", "y/"],
    });
  });

  test("NO_COLOR counts where nothing else is said", () => {
    expect(loadConfig(home, { NO_COLOR: "1" })).toMatchObject({
      values: { color: "never" },
      sources: { color: "environment" },
    });
    expect(loadConfig(home, { NO_COLOR: "" }).values.color).toBe("auto");
    expect(loadConfig(home, { NO_COLOR: "1", MOMO_COLOR: "always" }).values.color).toBe("always");
    write({ color: "always" });
    expect(loadConfig(home, { NO_COLOR: "1" }).values.color).toBe("always");
  });

  test.each([
    ["wait_ms", "soon"],
    ["wait_ms", "1.5"],
    ["wait_ms", "-1"],
    ["wait_ms", "600001"],
    ["wait_ms", "1e3"],
    ["wait_ms", "NaN"],
    ["max_file_size_mb", "0"],
    ["color", "blue"],
  ] as const)("%s = %s in the environment is refused", (key, value) => {
    const name = `MOMO_${key.toUpperCase()}`;
    const error = fault(() => loadConfig(home, { [name]: value }));
    expect(error).toMatchObject({ code: "CONFIG_INVALID", exit: 2 });
    for (const word of [key, `"${value}"`, name, "must be"]) expect(error.message).toContain(word);
  });

  test.each([
    { wait_ms: true },
    { wait_ms: null },
    { wait_ms: [5] },
    { patterns: [1] },
    { patterns: [""] },
    { patterns: {} },
    { color: 1 },
  ])("%j in the file is refused", (content) => {
    write(content);
    expectFault(() => loadConfig(home, {}), "CONFIG_INVALID", Object.keys(content)[0], configFile(home));
  });

  test("an unknown key names the nearest one", () => {
    write({ max_file_size: 3 });
    expectFault(
      () => loadConfig(home, {}),
      "CONFIG_UNKNOWN",
      "max_file_size",
      configFile(home),
      "max_file_size_mb?",
    );
    write('{"__proto__": {"workers": 1}}');
    expectFault(() => loadConfig(home, {}), "CONFIG_UNKNOWN", "__proto__");
    expectFault(() => loadConfig(undefined, {}, { wokers: 1 } as object), "CONFIG_UNKNOWN", "workers?");
  });

  test("an unknown variable warns and names the nearest one; those of others do not", () => {
    const others = {
      MOMO_HOME: "x",
      MOMO_BIN: "x",
      MOMO_TEST_LONG: "1",
      MOMO_BENCH_SET: "dev",
      PATH: "x",
      MOMOX: "x",
    };
    const config = loadConfig(home, { ...others, MOMO_WORKER: "3", MOMO_wait_ms: "1" });
    expect(config.values.workers).toBe(0);
    expect(config.warnings).toEqual([
      "MOMO_WORKER is not a setting and has no effect: did you mean MOMO_WORKERS?",
      "MOMO_wait_ms is not a setting and has no effect: did you mean MOMO_WAIT_MS?",
    ]);
  });

  test.each([["{"], ["[]"], ["null"], ["1"], ['"x"'], [""]])("a file that holds %j is refused", (content) => {
    write(content);
    expectFault(() => loadConfig(home, {}), "CONFIG_UNREADABLE", configFile(home));
  });

  test("a file that is a folder, endless or huge is refused", () => {
    mkdirSync(configFile(home), { recursive: true });
    expectFault(() => loadConfig(home, {}), "CONFIG_UNREADABLE");
    rmSync(configFile(home), { recursive: true });
    symlinkSync("/dev/zero", configFile(home));
    expectFault(() => loadConfig(home, {}), "CONFIG_UNREADABLE");
    rmSync(configFile(home));
    write(" ".repeat(2 ** 20 + 1));
    expectFault(() => loadConfig(home, {}), "CONFIG_UNREADABLE");
  });

  test("a byte order mark is no fault", () => {
    write('\uFEFF{"workers": 2}');
    expect(loadConfig(home, {}).values.workers).toBe(2);
  });
});

describe("setConfig and unsetConfig", () => {
  test("keep, change and forget a value, and leave nothing else behind", () => {
    expect(setConfig(home, "workers", "2")).toBe(2);
    expect(setConfig(home, "patterns", "*.py,*.ts")).toEqual(["*.py", "*.ts"]);
    expect(JSON.parse(readFileSync(configFile(home), "utf8"))).toEqual({
      workers: 2,
      patterns: ["*.py", "*.ts"],
    });
    expect(loadConfig(home, {}).values).toMatchObject({ workers: 2, patterns: ["*.py", "*.ts"] });
    expect(unsetConfig(home, "workers")).toBe(true);
    expect(unsetConfig(home, "workers")).toBe(false);
    expect(loadConfig(home, {}).sources).toMatchObject({ workers: "default", patterns: "file" });
    expect(readdirSync(home)).toEqual(["config.json"]);
  });

  test("what is not allowed changes nothing", () => {
    setConfig(home, "workers", 2);
    expectFault(
      () => setConfig(home, "workers", "many"),
      "CONFIG_INVALID",
      "workers",
      '"many"',
      "from 0 to 8",
    );
    expectFault(() => setConfig(home, "worker", "2"), "CONFIG_UNKNOWN", "did you mean workers?");
    expectFault(() => unsetConfig(home, "worker"), "CONFIG_UNKNOWN", "did you mean workers?");
    expect(loadConfig(home, {}).values.workers).toBe(2);
  });

  test("mend a file that holds what is refused", () => {
    write({ worker: 3, wait_ms: "soon" });
    setConfig(home, "wait_ms", 7);
    expect(unsetConfig(home, "worker")).toBe(true);
    expect(loadConfig(home, {}).values.wait_ms).toBe(7);
  });

  test("a file that cannot be read is not overwritten", () => {
    write("{");
    expectFault(() => setConfig(home, "workers", 1), "CONFIG_UNREADABLE");
    expect(readFileSync(configFile(home), "utf8")).toBe("{");
  });

  test("a home that cannot be written is one clear error", () => {
    writeFileSync(home, "a file where the folder should be");
    expectFault(() => setConfig(home, "workers", 1), "CONFIG_UNWRITABLE");
  });

  test.skipIf(isRoot)("a read-only home leaves no temporary file (root can write everywhere)", () => {
    mkdirSync(home);
    chmodSync(home, 0o555);
    expectFault(() => setConfig(home, "workers", 1), "CONFIG_UNWRITABLE", configFile(home));
    chmodSync(home, 0o755);
    expect(readdirSync(home)).toEqual([]);
  });
});

test("describeConfig tells every setting, its value and where it came from", () => {
  const rows = describeConfig(loadConfig(home, { MOMO_WORKERS: "3" }));
  expect(rows.map((row) => row.key)).toEqual(settingKeys);
  expect(rows.find((row) => row.key === "workers")).toEqual({
    key: "workers",
    value: 3,
    default: 0,
    source: "environment",
    env: "MOMO_WORKERS",
    allowed: "a whole number from 0 to 8",
    description: settingOf("workers").description,
  });
});

describe("addresses, switches and keys", () => {
  test.each([
    ["1", true],
    ["true", true],
    ["on", true],
    ["0", false],
    ["No", false],
  ])("MOMO_OFFLINE=%s is %s", (text, value) => {
    expect(loadConfig(home, { MOMO_OFFLINE: text }).values.offline).toBe(value);
  });

  test("a switch is nothing else", () => {
    expectFault(() => loadConfig(home, { MOMO_OFFLINE: "maybe" }), "CONFIG_INVALID", "true or false");
    expectFault(() => loadConfig(home, { MOMO_OFFLINE: "toString" }), "CONFIG_INVALID");
  });

  test.each([
    ["http://127.0.0.1:11434/", "http://127.0.0.1:11434"],
    ["https://models.example.com/v1", "https://models.example.com/v1"],
    ["http://[::1]:8080", "http://[::1]:8080"],
  ])("the address %s", (text, value) => {
    expect(loadConfig(home, { MOMO_EMBEDDING_URL: text }).values.embedding_url).toBe(value);
  });

  test.each(["file:///etc/passwd", "ftp://host", "localhost:1", "https://name:secret@host/v1", "not one"])(
    "%s is no address",
    (text) => {
      expectFault(() => loadConfig(home, { MOMO_EMBEDDING_URL: text }), "CONFIG_INVALID", "embedding_url");
    },
  );

  test("a file, which may have come with a repository, sends nothing beyond this machine", () => {
    for (const url of ["https://evil.example.com", "http://127.0.0.1.evil.example", "http://10.0.0.1"]) {
      write({ embedding_url: url });
      expectFault(() => loadConfig(home, {}), "CONFIG_INVALID", "from the environment only");
      expect(loadConfig(home, { MOMO_EMBEDDING_URL: "http://localhost:1" }).values.embedding_url).toBe(
        "http://localhost:1",
      );
      expectFault(() => setConfig(home, "embedding_url", url), "CONFIG_INVALID");
    }
    write({ embedding_url: "http://localhost:11434" });
    expect(loadConfig(home, {}).values.embedding_url).toBe("http://localhost:11434");
  });

  test("the key is no setting: it is not stored, listed or warned of", () => {
    const env = { MOMO_EMBEDDING_KEY: " sk-secret " };
    const config = loadConfig(home, env);
    expect(JSON.stringify([config, describeConfig(config)])).not.toContain("sk-secret");
    expect(config.warnings).toEqual([]);
    expect([embeddingKey(env), embeddingKey({ MOMO_EMBEDDING_KEY: " " }), embeddingKey({})]).toEqual([
      "sk-secret",
      undefined,
      undefined,
    ]);
    expectFault(() => setConfig(home, "embedding_key", "x"), "CONFIG_UNKNOWN");
  });
});
