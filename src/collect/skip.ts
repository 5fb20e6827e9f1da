/**
 * Why a file is not indexed: the code that is stored with it and the sentence `momo status` shows. Used by collect,
 * which finds most reasons, and by ingest, which adds its own.
 */

export const skipReasons = {
  binary: "not text: it holds NUL bytes",
  "too-large": "larger than max_file_size_mb allows",
  minified: "minified or packed: long lines that were not written by hand",
  generated: "written by a tool: a lock file, or it says not to edit it",
  secret: "its name says that it holds keys or passwords: never indexed",
  ignored: "left out by an ignore rule, although it was asked for by name",
  unreadable: "could not be read: permission denied or a disk fault",
  vanished: "gone or replaced before it could be read",
  "broken-link": "a symbolic link that leads nowhere or in a circle",
  "outside-root": "a symbolic link that leads out of the folder that is indexed",
  "not-a-file": "a pipe, socket or device",
  "odd-name": "its name is not valid UTF-8, so no path can stand for it",
  "parser-stopped": "reading its structure took too long or too much memory and was stopped",
} as const;

export type SkipReason = keyof typeof skipReasons;

export interface Skip {
  /** Relative to the root, with `/`. */
  path: string;
  reason: SkipReason;
  /** What exactly was found, where the reason alone does not say it: a size, an error code. */
  detail?: string;
}
