/**
 * Mutation testing: makes small wrong changes to source files, one at a time, and tells which of them no test notices.
 * npm run bench -- mutants [--rooms src/store,src/rollback,src/explore,src/knowledge] [--sample 150] [--seed 1]
 * [--tests 25] [--again FILE] [--json]
 *
 * Works on a copy of the checkout. The tests that import a changed file run one by one, the closest first and at most so
 * many, until one fails. So a survivor is one that its nearest tests do not see, and the score is the least that it can
 * be. A test that takes far longer than before has hung: that counts as noticed. A test that fails on the code as it is
 * is left out and named. Tests of the built program are not among them.
 *
 * --json prints a line for each mutant as it is judged, and one with the score. --again tries those once more that survived
 * in such a file, with the tests of today.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Edit, editsOf } from "./mutants/edits.ts";
import { readReach } from "./mutants/reach.ts";
import { Runner } from "./mutants/runner.ts";
import { createRandom } from "./training/random.ts";

const { values: options } = parseArgs({
  args: process.argv.slice(2).filter((word) => word !== "mutants"),
  options: {
    rooms: { type: "string", default: "src/store,src/rollback,src/explore,src/knowledge" },
    sample: { type: "string", default: "150" },
    seed: { type: "string", default: "1" },
    tests: { type: "string", default: "25" },
    again: { type: "string" },
    json: { type: "boolean", default: false },
  },
});
const checkout = join(import.meta.dirname, "..");
const COPIED = ["src", "test", "bench", "bin", "scripts", "docs", "deploy", "package.json", "tsconfig.json"];

interface Mutant {
  file: string;
  line: number;
  kind: string;
  before: string;
  after: string;
  /** The whole file with the change. */
  text: string;
}

interface Outcome extends Omit<Mutant, "text"> {
  outcome: "killed" | "timeout" | "survived";
  /** The test file that noticed it. */
  by?: string;
  /** How many test files ran. */
  tests: number;
}

const runner = new Runner(checkout, [...COPIED, "vitest.config.ts"]);
process.once("SIGINT", () => process.exit(130));
process.once("exit", () => runner.close());

const paths = ["src", "test"].flatMap((folder) =>
  readdirSync(join(runner.root, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => `${folder}/${path}`)
    .sort(),
);
const originals = new Map(paths.map((path) => [path, readFileSync(join(runner.root, path), "utf8")]));
const reach = readReach(runner.root, paths);

function mutantOf(file: string, { kind, start, end, text }: Edit): Mutant {
  const source = originals.get(file)!;
  const changed = source.slice(0, start) + text + source.slice(end);
  const line = source.slice(0, start).split("\n").length;
  const shown = (whole: string, to: number): string => {
    const from = whole.lastIndexOf("\n", start - 1) + 1;
    const last = whole.indexOf("\n", to);
    return whole.slice(from, last < 0 ? undefined : last).trim();
  };
  const [before, after] = [shown(source, end), shown(changed, start + text.length)];
  return { file, line, kind, before, after, text: changed };
}

/** Every mutant that there can be in these rooms. */
function allMutants(): { file: string; edit: Edit }[] {
  const rooms = options.rooms.split(",");
  const files = paths.filter(
    (path) => rooms.some((room) => path.startsWith(`${room}/`)) && !/\.(?:test|fixture)\.ts$/.test(path),
  );
  const all = files.flatMap((file) => editsOf(file, originals.get(file)!).map((edit) => ({ file, edit })));
  console.error(`${all.length} mutants in ${files.length} files`);
  return all;
}

function drawn(): Mutant[] {
  const all = allMutants();
  const random = createRandom(Number(options.seed));
  const size = Math.min(Number(options.sample), all.length);
  for (let i = 0; i < size; i++) {
    const other = i + Math.floor(random() * (all.length - i));
    [all[i], all[other]] = [all[other]!, all[i]!];
  }
  return all.slice(0, size).map(({ file, edit }) => mutantOf(file, edit));
}

/** Those that survived before; lines may have moved since. */
function survivorsIn(path: string): Mutant[] {
  const nameOf = ({ file, kind, before, after }: Omit<Mutant, "line" | "text">): string =>
    JSON.stringify([file, kind, before, after]);
  const lines = readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line.startsWith('{"file"'));
  const survivors = lines
    .map((line) => JSON.parse(line) as Outcome)
    .filter((one) => one.outcome === "survived");
  const wanted = new Set(survivors.map(nameOf));
  const found = allMutants()
    .map(({ file, edit }) => mutantOf(file, edit))
    .filter((one) => wanted.delete(nameOf(one)));
  for (const name of wanted) console.error(`no longer there: ${name}`);
  return found;
}

/** How long each test takes on the code as it is; undefined for one that fails there. */
const control = new Map<string, number | undefined>();

/** undefined where the test fails on the code as it is. */
async function durationOf(test: string): Promise<number | undefined> {
  if (!control.has(test)) {
    const run = await runner.run(test, 300_000);
    control.set(test, run.verdict === "passed" ? run.ms : undefined);
  }
  return control.get(test);
}

/** The nearest tests of a file that pass as it is. */
async function testsOf(file: string): Promise<string[]> {
  const chosen: string[] = [];
  for (const test of reach(file)) {
    if (chosen.length === Number(options.tests)) break;
    if ((await durationOf(test)) !== undefined) chosen.push(test);
  }
  return chosen;
}

/** On a machine that has become busy since, nothing has hung yet. */
const limitOf = (test: string): number => control.get(test)! * 4 + 60_000;

async function judge({ text, ...mutant }: Mutant): Promise<Outcome> {
  const tests = await testsOf(mutant.file);
  runner.write(mutant.file, text);
  try {
    for (const [i, test] of tests.entries()) {
      const { verdict } = await runner.run(test, limitOf(test));
      if (verdict === "passed") continue;
      const outcome = verdict === "failed" ? "killed" : "timeout";
      return { ...mutant, outcome, by: test, tests: i + 1 };
    }
    return { ...mutant, outcome: "survived", tests: tests.length };
  } finally {
    runner.write(mutant.file, originals.get(mutant.file)!);
  }
}

const toText = ({ file, line, kind, before, after, outcome, by, tests }: Outcome): string =>
  [
    `${outcome} ${file}:${line} (${kind})${by === undefined ? `, ${tests} test files` : ` by ${by}`}`,
    ...(outcome === "survived" ? [`  - ${before}`, `  + ${after}`] : []),
  ].join("\n");

const say = (text: string, data: unknown): void => console.log(options.json ? JSON.stringify(data) : text);

const outcomes: Outcome[] = [];
for (const mutant of options.again === undefined ? drawn() : survivorsIn(options.again)) {
  const outcome = await judge(mutant);
  outcomes.push(outcome);
  say(toText(outcome), outcome);
}
const count = (wanted: Outcome["outcome"]): number =>
  outcomes.filter(({ outcome }) => outcome === wanted).length;
const [killed, timeouts, survived] = [count("killed"), count("timeout"), count("survived")];
const score = Number(((100 * (killed + timeouts)) / outcomes.length).toFixed(1));
const left_out = [...control].filter(([, ms]) => ms === undefined).map(([test]) => test);
if (left_out.length > 0) console.error(`left out, as they fail on the code as it is: ${left_out.join(", ")}`);
say(`killed ${killed}, timeouts ${timeouts}, survived ${survived}: score ${score} %`, {
  seed: Number(options.seed),
  killed,
  timeouts,
  survived,
  score,
  left_out,
});
runner.close();
process.exit(0);
