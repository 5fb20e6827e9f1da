/**
 * Text documents that come as a form (multipart/form-data): each becomes the entry `documents/<name>`, in a transaction
 * of its own. Everything is checked before the first one is written.
 */
import { createHash } from "node:crypto";
import type { FastifyRequest } from "fastify";
import { MomoError } from "../errors.ts";
import { languageOfPath } from "../extract/language.ts";
import type { KnowledgeType } from "../model/api.ts";
import type { Service } from "../service/service.ts";
import { decodeText } from "./json.ts";
import { MAX_DOCUMENTS } from "./limits.ts";
import type { CarriedCall } from "./options.ts";
import { DetailedError } from "./problem.ts";
import { fieldsOf } from "./reshape.ts";
import type { Values } from "./route.ts";

interface Document {
  filename: string;
  content_type: string;
  type: KnowledgeType;
  content: string;
  bytes: number;
  sha256: string;
}

/** Documents that are no source code, by how their names end. */
const written: Readonly<Record<string, KnowledgeType>> = {
  ...{ md: "documentation", markdown: "documentation", txt: "documentation", text: "documentation" },
  ...{ rst: "documentation", adoc: "documentation", org: "documentation", tex: "documentation" },
  ...{ csv: "documentation", tsv: "documentation", log: "documentation", html: "documentation" },
  ...{ json: "configuration", jsonl: "configuration", yaml: "configuration", yml: "configuration" },
  ...{ toml: "configuration", ini: "configuration", xml: "configuration", env: "configuration" },
};
const SUPPORTED = "text: Markdown, plain text, source code, JSON, YAML, TOML, XML, CSV, HTML";
const TEXT_TYPES = /^(text\/|application\/(.+\+)?(json|xml|x?yaml|x-yaml|toml|javascript|typescript|sql)$)/;

function typeOf(filename: string, content_type: string): KnowledgeType | undefined {
  const extension = filename.toLowerCase().split(".").at(-1) ?? "";
  if (Object.hasOwn(written, extension)) return written[extension];
  if (languageOfPath(filename) !== undefined) return "code";
  return TEXT_TYPES.test(content_type) ? "documentation" : undefined;
}
