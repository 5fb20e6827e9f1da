/** What the outbox says of a key: for engines that hold a copy of the knowledge. */
import type { VersionKind } from "./knowledge.ts";

/** The state of one key after operation `seq`. */
export interface KeyState {
  seq: number;
  /** The same for a key in every knowledge base: the name that an engine files it under. */
  id: string;
  key: string;
  kind: VersionKind;
  /** 0: the key is gone. */
  vid: number;
}
