/**
 * Marks keep a version out of retrieval (quarantine). The version is part of a mark: what is written anew under the id
 * is not kept out. Written by rollback, read by retrieve.
 */
import { canonicalJson } from "../../model/canonical-json.ts";
import type { StoreReader } from "../contract/reader.ts";

export interface Mark {
  version: number;
  reason: string;
}

const PREFIX = "quarantine:";

export const markKey = (id: string): string => PREFIX + id;
export const markedId = (key: string): string => key.slice(PREFIX.length);
export const encodeMark = ({ version, reason }: Mark): Uint8Array =>
  Buffer.from(canonicalJson({ version, reason }));
export const decodeMark = (body: Uint8Array): Mark => JSON.parse(Buffer.from(body).toString());

export function markedVersions(store: StoreReader): Set<number> {
  const versions = new Set<number>();
  for (const vid of store.liveVersions("mark")) {
    const body = store.body(vid);
    if (body) versions.add(decodeMark(body).version);
  }
  return versions;
}
