/** How engines are kept up to date, and what can be known of them. Made by engines/relay.ts. */
import type { EngineHealth } from "../../model/api.ts";
import type { EngineRecord } from "./feed.ts";

/** What was committed is seen there, or by whom it is not yet. */
export interface Confirmation {
  seq: number;
  /** Names of the engines that have it. */
  confirmed: string[];
  /** The others: an answer of theirs may miss what was written, but shows nothing that was taken back. */
  engine_lag: EngineLag[];
}

export interface EngineLag {
  name: string;
  /** Operations that it has not got. */
  behind: number;
  error?: string;
}

export interface Relay {
  /**
   * Delivers what each engine has not got, unless it is to be tried later; never rejects for an engine that fails. Raises
   * STORE_BUSY and whatever else the knowledge base raises.
   */
  run(): Promise<EngineRecord[]>;
  /**
   * Waits until what was committed is seen on these engines, delivering it: for who needs that before an answer. The
   * commit is the decision, and an engine that is not reached in time changes nothing about it. Raises ENGINE_UNKNOWN.
   */
  confirm(seq: number, options: { engines?: readonly string[]; timeout_ms: number }): Promise<Confirmation>;
  /** The next run compares the engine with the knowledge base as a whole. Raises ENGINE_UNKNOWN. */
  resync(name: string): void;
  health(): EngineHealth[];
}
