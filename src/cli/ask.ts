/** Asks a question on the terminal. Loaded by main.ts when a command asks for the first time. */
import { createInterface } from "node:readline";

/** Only y and yes mean yes; so an answer that was not meant, or the end of the input, changes nothing. */
export async function ask(question: string): Promise<boolean> {
  process.stderr.write(`${question} [y/N] `);
  // Not `terminal`: the terminal's own line editing suffices, and an interrupt stays a signal.
  const lines = createInterface({ input: process.stdin, terminal: false });
  const answer = await new Promise<string | undefined>((resolve) => {
    lines.once("line", resolve);
    lines.once("close", () => resolve(undefined));
  });
  lines.close();
  if (answer === undefined) process.stderr.write("\n");
  return /^y(?:es)?$/i.test(answer?.trim() ?? "");
}
