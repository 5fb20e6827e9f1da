/** Errors as application/problem+json (RFC 9457). Every error that leaves the server is made here. */
import { STATUS_CODES } from "node:http";
import { type ErrorCode, type ErrorValues, MomoError } from "../errors.ts";

/** Seconds after which it is worth trying again. */
const retryAfter: Partial<Record<ErrorCode, number>> = {
  OVERLOADED: 1,
  STORE_BUSY: 1,
  NOT_READY: 5,
  AUDIT_UNAVAILABLE: 30,
  EMBEDDING_BUSY: 30,
};

export interface Problem {
  /** `urn:momo:error:<code>`. */
  type: string;
  /** Of the status. */
  title: string;
  status: number;
  /** One line that says what to do next. */
  detail: string;
  /** Path of the request. */
  instance: string;
  code: string;
  request_id: string;
  /** The same as `detail`, for clients that look for it. */
  error: string;
  /** The ids, numbers and names in `detail`, by name. */
  values?: ErrorValues;
  /** Seconds. */
  retry_after?: number;
  [member: string]: unknown;
}

/** An error that says more than its line: members that are added to the problem. */
export class DetailedError extends Error {
  readonly error: MomoError;
  readonly members: Readonly<Record<string, unknown>>;
  constructor(error: MomoError, members: Readonly<Record<string, unknown>>) {
    super(error.message, { cause: error });
    this.error = error;
    this.members = members;
  }
}

interface Asked {
  instance: string;
  request_id: string;
}

const INTERNAL = {
  status: 500,
  code: "INTERNAL",
  message: "something went wrong in the server: its log says more under this request_id",
};

/** What was not expected is not told to the caller. */
export function problemOf(error: unknown, { instance, request_id }: Asked): Problem {
  const members = error instanceof DetailedError ? error.members : {};
  const plain = error instanceof DetailedError ? error.error : error;
  const { status, code, message } = plain instanceof MomoError ? plain : INTERNAL;
  const retry = plain instanceof MomoError ? retryAfter[plain.code] : undefined;
  return {
    type: `urn:momo:error:${code}`,
    title: titleOf(status),
    status,
    detail: message,
    instance,
    code,
    request_id,
    error: message,
    ...(plain instanceof MomoError && Object.keys(plain.values).length > 0 && { values: plain.values }),
    ...(retry !== undefined && { retry_after: retry }),
    ...members,
  };
}

/** 499 is used widely, but nobody registered it. */
export const titleOf = (status: number): string =>
  status === 499 ? "Client Closed Request" : (STATUS_CODES[status] ?? "Error");

/** Too many requests; the wait is told as a number, too. */
export const rateLimited = (seconds: number): DetailedError =>
  new DetailedError(new MomoError("RATE_LIMITED", { seconds }), { retry_after: seconds });

interface FrameworkError {
  statusCode?: unknown;
  message?: unknown;
}

interface Received {
  /** The most that is read. */
  megabytes: number;
  content_type: string | undefined;
}

/** What Fastify, its plugins and Node raise about a request, in Momo's words; everything else as it is. */
export function ownError(error: unknown, { megabytes, content_type }: Received): unknown {
  if (
    error instanceof MomoError ||
    error instanceof DetailedError ||
    typeof error !== "object" ||
    error === null
  )
    return error;
  const { statusCode, message } = error as FrameworkError;
  if (statusCode === 413) return new MomoError("BODY_TOO_LARGE", { megabytes });
  if (statusCode === 415)
    return new MomoError("MEDIA_TYPE", {
      type: content_type?.slice(0, 60).replace(/\p{Cc}/gu, "?") || "a body without a content type",
      allowed: "application/json",
    });
  if (typeof statusCode !== "number" || statusCode < 400 || statusCode >= 500) return error;
  const why = String(message).split("\n")[0]!;
  return new MomoError("BODY_INVALID", { why: `${why[0]?.toLowerCase()}${why.slice(1)}` });
}
