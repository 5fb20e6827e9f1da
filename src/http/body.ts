/**
 * Reads the body of a request into one buffer as it comes. A list of its pieces would cost an attacker nothing and the
 * server a hundred times the body: a piece may be a single byte. Used by server.ts and upload.ts.
 */
import type { IncomingMessage } from "node:http";
import { MomoError } from "../errors.ts";

/** So many pieces need not have a size; more of them are at least so large on average. */
const FREE_PIECES = 100_000;
const LEAST_BYTES = 8;

const FIRST_BYTES = 16_384;

const tooLarge = (limit: number): MomoError => new MomoError("BODY_TOO_LARGE", { megabytes: limit / 1e6 });

/** To be called with the length of each piece. Raises BODY_INVALID. */
export function countPieces(): (length: number) => void {
  let pieces = 0;
  let bytes = 0;
  return (length) => {
    pieces++;
    bytes += length;
    if (pieces > FREE_PIECES && bytes < pieces * LEAST_BYTES)
      throw new MomoError("BODY_INVALID", { why: "it comes in too many small pieces" });
  };
}

/** Grows by copying, so that what is kept is never much more than what came. */
function growingBuffer(expected: number) {
  let buffer = Buffer.allocUnsafe(expected);
  let length = 0;
  return {
    add(piece: Buffer): void {
      if (length + piece.length > buffer.length) {
        const larger = Buffer.allocUnsafe(Math.max(2 * buffer.length, length + piece.length));
        buffer.copy(larger, 0, 0, length);
        buffer = larger;
      }
      piece.copy(buffer, length);
      length += piece.length;
    },
    length: () => length,
    bytes: () => buffer.subarray(0, length),
  };
}

/** All of it, at most `limit` bytes. Raises BODY_TOO_LARGE, BODY_INVALID, and CANCELLED where the sender goes away. */
export function readBody(message: IncomingMessage, limit: number): Promise<Buffer> {
  const told = Number(message.headers["content-length"] ?? 0);
  if (told > limit) return Promise.reject(tooLarge(limit));
  const body = growingBuffer(Math.min(told || FIRST_BYTES, limit));
  const count = countPieces();
  return new Promise((resolve, reject) => {
    const stop = (fault: unknown): void => {
      message.off("data", take);
      reject(fault);
    };
    function take(piece: Buffer): void {
      try {
        count(piece.length);
        if (body.length() + piece.length > limit) throw tooLarge(limit);
        body.add(piece);
      } catch (fault) {
        stop(fault);
      }
    }
    message.on("data", take);
    message.once("end", () => resolve(body.bytes()));
    message.once("error", () => stop(new MomoError("CANCELLED")));
    message.once("close", () => stop(new MomoError("CANCELLED")));
  });
}
