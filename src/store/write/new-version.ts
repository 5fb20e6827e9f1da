/** What a version that is put weighs, and which hash stands for it. Used by writing.ts. */

import type { NewVersion } from "../contract/knowledge.ts";
import { contentHash } from "../records/digest.ts";

/** Only a file may say its own hash: what verify.ts cannot recompute, it cannot check. */
export function hashOf(version: NewVersion): Uint8Array {
  if (version.kind !== "file" && "body" in version)
    return contentHash(version.body, version.text, version.edge);
  const { key, hash } = version;
  if (hash?.length !== 32) throw new Error(`${key} needs a hash of 32 bytes`);
  return hash;
}

/** Bytes before compression. */
export const sizeOf = (version: NewVersion): number =>
  "pack" in version
    ? version.body_bytes + version.text_bytes
    : version.body.length + (version.text?.length ?? 0);
