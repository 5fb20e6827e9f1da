/**
 * Keeps a few models open (G06): loading one takes seconds and hundreds of megabytes, so the next search finds it
 * loaded, and the one that was not used for the longest is closed before another is added. Used by momo.ts.
 */
import type { Embedder } from "./embedder.ts";

export interface Models {
  /** The model of that name, opened by `open` when it is not; a failure to open is not remembered. */
  get(name: string, open: () => Promise<Embedder>): Promise<Embedder>;
  /** Closes it, if it is open. */
  unload(name: string): Promise<void>;
  /** Names of the open ones, the least used first. */
  loaded(): string[];
  close(): Promise<void>;
}

export function createModels(capacity: number): Models {
  const open = new Map<string, Promise<Embedder>>();
  const unload = async (name: string): Promise<void> => {
    const model = open.get(name);
    open.delete(name);
    // One that did not open holds nothing.
    const embedder = await model?.catch(() => undefined);
    await embedder?.close?.();
  };
  return {
    async get(name, load) {
      const known = open.get(name);
      open.delete(name);
      const model = known ?? load();
      open.set(name, model);
      const surplus = [...open.keys()].slice(0, Math.max(0, open.size - capacity));
      await Promise.all(surplus.map(unload));
      try {
        return await model;
      } catch (error) {
        if (open.get(name) === model) open.delete(name);
        throw error;
      }
    },
    unload,
    loaded: () => [...open.keys()],
    close: async () => {
      await Promise.all([...open.keys()].map(unload));
    },
  };
}
