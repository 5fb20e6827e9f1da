/** The progress bar of long work: on standard error, only on a terminal, gone when the work is done. Used by main.ts. */
import type { IngestProgress } from "../model/api.ts";
import { bytes, count, wholeSeconds } from "./quantity.ts";
import { shorten, type Terminal } from "./terminal.ts";

export interface Progress {
  update(progress: IngestProgress): void;
  /** Leaves the line as if nothing had been drawn. */
  clear(): void;
}

interface Stream {
  isTTY?: boolean;
  write(text: string): unknown;
}

const REDRAW_MS = 100;
const BAR_COLUMNS = 24;
const CLEAR = "\r\x1b[2K";

const labels = {
  listing: "listing",
  reading: "reading",
  writing: "writing",
  embedding: "embedding",
} as const;

function bar(share: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * BAR_COLUMNS);
  return "█".repeat(filled) + "░".repeat(BAR_COLUMNS - filled);
}

/** `reading  ██████░░░░  1,204 of 3,139 files   820 files/s   12.3 MB/s   3 s left`. */
export function progressLine(
  { phase, done, total, bytes: read }: IngestProgress,
  elapsed_ms: number,
): string {
  const unit = phase === "embedding" ? "chunks" : "files";
  if (phase === "listing" || total === 0) return `${labels[phase]}  ${count(done)} ${unit}`;
  const parts = [`${labels[phase]}  ${bar(done / total)}  ${count(done)} of ${count(total)} ${unit}`];
  const seconds = elapsed_ms / 1000;
  if (done > 0 && seconds >= 0.5) {
    parts.push(`${count(Math.round(done / seconds))} ${unit}/s`);
    if (read > 0) parts.push(`${bytes(Math.round(read / seconds))}/s`);
    // Whole seconds, the current one counted: an estimate has no fractions.
    const left = Math.ceil(((elapsed_ms / done) * (total - done)) / 1000);
    parts.push(`${wholeSeconds(Math.max(left, 1))} left`);
  }
  return parts.join("   ");
}

/** `now` in milliseconds; given so that tests decide about time. */
export function createProgress(stream: Stream, terminal: Terminal, now: () => number): Progress {
  if (!stream.isTTY) return { update: () => undefined, clear: () => undefined };
  let phase: IngestProgress["phase"] | undefined;
  let phaseStart = now();
  let drawn = now();
  let visible = false;
  return {
    update(progress) {
      const time = now();
      if (progress.phase !== phase) {
        phase = progress.phase;
        phaseStart = time;
      }
      if (time - drawn < REDRAW_MS) return;
      drawn = time;
      visible = true;
      const line = shorten(progressLine(progress, time - phaseStart), terminal.columns - 1);
      stream.write(`${CLEAR}${terminal.paint("dim", line)}`);
    },
    clear() {
      if (visible) stream.write(CLEAR);
      visible = false;
    },
  };
}
