/** Which tests can notice a change of a file: those that import it, however far, the closest first. Used by mutants.ts. */
import { readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s(?!type\b)[^"';]*?from\s+"(\.[^"]+)"|import\(\s*"(\.[^"]+)"\s*\)|(?:^|\n)import\s+"(\.[^"]+)"|new URL\(\s*["`](\.[^"`]+)["`]/g;

function importsOf(root: string, path: string): string[] {
  const text = readFileSync(join(root, path), "utf8");
  return (
    [...text.matchAll(IMPORT)]
      .map(([, ...found]) => posix.join(dirname(path), found.find((one) => one !== undefined)!))
      // Of a worker: the extension is that of the file itself.
      .map((to) => to.replace(/\.\$\{\w+\}$/, ".ts"))
      .filter((to) => to.endsWith(".ts"))
  );
}

/** `reach(file)`: the tests that import it. Paths lie below the root, with "/". */
export function readReach(root: string, paths: readonly string[]): (file: string) => string[] {
  const known = new Set(paths);
  const importers = new Map<string, string[]>();
  for (const path of paths) {
    for (const to of importsOf(root, path)) {
      if (known.has(to)) importers.set(to, [...(importers.get(to) ?? []), path]);
    }
  }
  return (file) => {
    const distances = distancesFrom(file, importers);
    return [...distances.keys()]
      .filter((path) => path.endsWith(".test.ts"))
      .sort((a, b) => shared(file, b) - shared(file, a) || distances.get(a)! - distances.get(b)!);
  };
}

function distancesFrom(file: string, importers: ReadonlyMap<string, string[]>): Map<string, number> {
  const distances = new Map([[file, 0]]);
  for (const [path, distance] of distances) {
    for (const next of importers.get(path) ?? []) if (!distances.has(next)) distances.set(next, distance + 1);
  }
  return distances;
}

/** Folders that two paths have in common; one more where the test is the file's own. */
function shared(file: string, test: string): number {
  const [a, b] = [file.split("/"), test.split("/")];
  let count = 0;
  while (count < a.length - 1 && a[count] === b[count]) count++;
  return count + (test === file.replace(/\.ts$/, ".test.ts") ? 1 : 0);
}
