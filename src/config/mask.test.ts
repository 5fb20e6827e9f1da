import { expect, test } from "vitest";
import { looksSecret } from "./mask.ts";

test.each([
  "sk-abcdefghijklmnop",
  "ghp_0123456789abcdefghij",
  "momo_qgad0LUkz3Y7_PJNQ2RquYiXtB4sTtPrunyiRht6_0ESA8U",
  "eyJhbGciOiJIUzI1NiJ9.e30.abc",
  "Bearer abcdefghijk",
  "AKIAIOSFODNN7EXAMPLE",
  "https://models.example/v1?key=abc",
  "https://models.example/v1?model=x&api_key=abc",
  "https://name:hunter2@models.example",
  "postgres://u:p@h/db",
  "password=hunter2",
  "Qk3x9ZbT7mWv2LrN8yHc4DfJ6sPa",
])("%s looks like a secret", (text) => expect(looksSecret(text)).toBe(true));

test.each([
  "",
  "momo",
  "Xenova/all-MiniLM-L6-v2",
  "nomic-embed-text:v1.5",
  "text-embedding-3-large",
  "/home/ann/.cache/momo/models/snapshots",
  "http://127.0.0.1:11434/v1",
  "https://id.example.com/.well-known/jwks.json",
  "https://login.example.com/0b6f8a53-44a1-4c35-9a0c-d3b9a6f0f6aa/v2.0/keys",
  "BAAI/bge-small-en-v1.5-quantized-onnx-int8",
  "MultilingualMiniLmEmbeddingModelForSentences",
])("%s does not", (text) => expect(looksSecret(text)).toBe(false));
