/**
 * A process that keeps one Vitest open over a scratch copy: starting one anew for each mutant would take most of the time.
 * Runs one test file for each message and answers whether it passed. Started by runner.ts.
 */
import { createVitest } from "vitest/node";

const root = process.argv[2]!;
const vitest = await createVitest("test", {
  root,
  watch: false,
  bail: 1,
  maxWorkers: 1,
  pool: "forks",
  reporters: [{}],
});
await vitest.standalone();
const specifications = new Map(
  (await vitest.globTestSpecifications()).map((one) => [one.moduleId, one] as const),
);

export type Asked = { run: string } | { changed: string };
export type Answered = { ready: true } | { passed: boolean; failures: string[] };

process.on("message", async (message: Asked) => {
  if ("changed" in message) {
    vitest.invalidateFile(message.changed);
    return;
  }
  const specification = specifications.get(message.run)!;
  const { moduleId, project } = specification;
  // What the run before said of this file must not stand for one that never came to its end.
  vitest.state.clearFiles(project, [moduleId]);
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications([specification]);
  const own = testModules.find((one) => one.moduleId === moduleId);
  const failures = [...(own?.children.allTests("failed") ?? [])].map(
    (test) => `${test.fullName}: ${test.result().errors?.[0]?.message ?? ""}`,
  );
  const passed = own?.state() === "passed" && unhandledErrors.length === 0;
  process.send!({ passed, failures } satisfies Answered);
});
process.on("disconnect", () => process.exit(0));
process.send!({ ready: true } satisfies Answered);
