/** What goes between a server and the threads and processes that do its work. Plain data only. */
import type { ErrorCode, ErrorValues } from "../errors.ts";
import type { IngestProgress } from "../model/api.ts";
import type { Job } from "./job.ts";
import type { Reply } from "./service.ts";

export type ToWork =
  | { type: "job"; id: number; job: Job }
  | { type: "cancel"; id: number }
  | { type: "close" };

/** `code` is absent for a fault in Momo itself. */
export interface Failure {
  code?: ErrorCode;
  /** Of a MomoError. */
  values?: ErrorValues;
  message: string;
  stack?: string;
}

export type FromWork =
  | { type: "progress"; id: number; progress: IngestProgress }
  | { type: "done"; id: number; reply: Reply }
  | { type: "failed"; id: number; failure: Failure };
