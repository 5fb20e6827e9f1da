/**
 * Whose work is being done: fields such as `request_id` that belong to every log line of a request, carried across
 * awaits, timers and callbacks. Set by the surfaces, read by log.ts; a thread gets them with its message.
 */
import { AsyncLocalStorage } from "node:async_hooks";

export type ContextFields = Readonly<Record<string, string | number | boolean | undefined>>;

const storage = new AsyncLocalStorage<ContextFields>();
const none: ContextFields = {};

/** Does the work, and whatever it starts, with these fields and those around it; the inner ones win. */
export function withContext<T>(fields: ContextFields, work: () => T): T {
  return storage.run({ ...storage.getStore(), ...fields }, work);
}

export const contextFields = (): ContextFields => storage.getStore() ?? none;
