/**
 * Text documents that come as a form (multipart/form-data): each becomes the entry `documents/<name>`, in a transaction
 * of its own. Everything is checked before the first one is written.
 */
import { createHash } from "node:crypto";
import type { FastifyRequest } from "fastify";
import { MomoError } from "../errors.ts";
import { detectLanguage } from "../extract/language.ts";
import type { KnowledgeType } from "../model/api.ts";
import { shown } from "../model/shown.ts";
import type { Service } from "../service/service.ts";
import { countPieces } from "./body.ts";
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

/** What is no source code, by how its name ends. */
const written: Readonly<Record<string, KnowledgeType>> = {
  md: "documentation",
  markdown: "documentation",
  txt: "documentation",
  text: "documentation",
  rst: "documentation",
  adoc: "documentation",
  org: "documentation",
  tex: "documentation",
  csv: "documentation",
  tsv: "documentation",
  log: "documentation",
  html: "documentation",
  json: "configuration",
  jsonl: "configuration",
  yaml: "configuration",
  yml: "configuration",
  toml: "configuration",
  ini: "configuration",
  xml: "configuration",
};
const SUPPORTED = "text: Markdown, plain text, source code, JSON, YAML, TOML, XML, CSV, HTML";
const TEXT_TYPES = /^(text\/|application\/(.+\+)?(json|xml|x?yaml|x-yaml|toml|javascript|typescript|sql)$)/;

function typeOf(filename: string, content_type: string): KnowledgeType | undefined {
  const extension = filename.toLowerCase().split(".").at(-1) ?? "";
  if (Object.hasOwn(written, extension)) return written[extension];
  if (detectLanguage(filename) !== undefined) return "code";
  return TEXT_TYPES.test(content_type) ? "documentation" : undefined;
}

/** A name that stands in an id and is no path. Forms give only what follows the last slash. */
function checkName(filename: string, taken: ReadonlySet<string>): void {
  const refuse = (hint: string): never => {
    const value = shown(filename);
    throw new MomoError("VALUE_INVALID", { name: "the name of a document", value, hint });
  };
  if (!/^[^\p{Cc}/\\#]{1,200}$/u.test(filename) || /^\.{1,2}$/.test(filename) || filename.trim() !== filename)
    refuse("give 1 to 200 characters on one line, without / \\ and #, and no space around them");
  if (taken.has(filename)) refuse("it is given twice");
}

interface File {
  filename: string;
  content_type: string;
  bytes: Buffer;
}

function documentOf({ filename, content_type, bytes }: File): Document {
  const type = typeOf(filename, content_type);
  const isBinary = bytes.subarray(0, 8192).includes(0);
  if (type === undefined || isBinary)
    throw new MomoError("MEDIA_TYPE", {
      type: `${filename} (${isBinary ? "binary" : content_type})`,
      allowed: SUPPORTED,
    });
  return {
    filename,
    content_type,
    type,
    content: decodeText(bytes, filename),
    bytes: bytes.length,
    sha256: createHash("sha256").update(bytes).digest("hex"),
  };
}

export interface Upload {
  documents: Document[];
  fields: Values;
}

/** Fields of the form beside the documents. */
const FIELDS = ["agent", "session", "request_id", "intent", "exploration"];

/** What is wrong with the form itself. Errors of the plugin keep their meaning (problem.ts). */
function formError(error: unknown): unknown {
  if (error instanceof MomoError || typeof (error as { statusCode?: unknown }).statusCode === "number")
    return error;
  const why = `the form cannot be read (${(error as Error).message.split("\n")[0]!.slice(0, 120)})`;
  return new MomoError("BODY_INVALID", { why });
}

async function readParts(request: FastifyRequest, most: number): Promise<Upload> {
  const documents: Document[] = [];
  const names = new Set<string>();
  const fields: Values = {};
  let left = most;
  // The form is read by a library that keeps the pieces.
  const count = countPieces();
  request.raw.on("data", ({ length }: Buffer) => {
    try {
      count(length);
    } catch (fault) {
      request.raw.destroy(fault as Error);
    }
  });
  for await (const part of request.parts({ limits: { fileSize: most, files: MAX_DOCUMENTS } })) {
    if (part.type === "field") {
      if (!FIELDS.includes(part.fieldname))
        throw new MomoError("OPTION_UNKNOWN", {
          option: shown(part.fieldname),
          hint: `a form holds documents, and ${FIELDS.join(", ")}`,
        });
      fields[part.fieldname] = part.value;
      continue;
    }
    const bytes = await part.toBuffer();
    left -= bytes.length;
    if (left < 0) throw new MomoError("BODY_TOO_LARGE", { megabytes: most / 1e6 });
    checkName(part.filename, names);
    names.add(part.filename);
    documents.push(documentOf({ filename: part.filename, content_type: part.mimetype, bytes }));
  }
  return { documents, fields };
}

/** Raises BODY_INVALID, BODY_TOO_LARGE, MEDIA_TYPE, VALUE_INVALID. */
export async function readUpload(request: FastifyRequest, most: number): Promise<Upload> {
  // A request of pieces does not say; there the documents are counted.
  if (Number(request.headers["content-length"] ?? 0) > most)
    throw new MomoError("BODY_TOO_LARGE", { megabytes: most / 1e6 });
  const upload = await readParts(request, most).catch((error) => {
    throw formError(error);
  });
  if (upload.documents.length > 0) return upload;
  throw new MomoError("BODY_INVALID", { why: "the form holds no document: send one as a file" });
}

/** Each document is a request of its own. */
const requestOf = ({ request_id }: Values, filename: string): Values =>
  request_id === undefined ? {} : { request_id: `${request_id}/${filename}` };

/** What was stored, in order; where one cannot be, the error tells what was stored before it. */
export async function storeUpload(
  service: Service,
  call: CarriedCall,
  { documents, fields }: Upload,
): Promise<Values> {
  const stored: Values[] = [];
  for (const { content, type, ...about } of documents) {
    const { filename, content_type, bytes, sha256 } = about;
    const meta = fieldsOf({ filename, content_type, bytes: String(bytes), sha256 });
    const input = {
      ...fields,
      ...requestOf(fields, filename),
      action: "set",
      id: `documents/${filename}`,
      content,
      type,
      meta,
    };
    try {
      const { json } = await service.call({ ...call, command: "doc", input });
      stored.push({ ...about, ...JSON.parse(json) });
    } catch (error) {
      throw stored.length > 0 && error instanceof MomoError ? new DetailedError(error, { stored }) : error;
    }
  }
  return { documents: stored };
}
