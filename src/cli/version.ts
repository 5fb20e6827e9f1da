/** The version of Momo, as package.json has it. Used by main.ts and by servers. */
import { readFileSync } from "node:fs";

export function version(): string {
  const file = new URL("../../package.json", import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")).version;
}
