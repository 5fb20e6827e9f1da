/**
 * The command line: finds the command, reads its arguments, runs it, prints what it returns. Results go to standard
 * output, everything else to standard error. Exit codes: 0 done, 1 failed, 2 wrong usage. Called by bin/momo.js.
 */
import type { Command, CommandContext } from "../commands/command.ts";
import { allCommands, commandWords, findCommand } from "../commands/index.ts";
import { choose } from "../commands/value.ts";
import { MomoError } from "../errors.ts";
import { type Parsed, parseArguments, unknownCommand } from "./parse.ts";
import { createProgress, type Progress } from "./progress.ts";
import { type Terminal, terminalOf } from "./terminal.ts";
import { version } from "./version.ts";

/** One run of the program. */
interface Session {
  progress: Progress;
  /** The knowledge base that was opened, for the setting `color`. */
  home: string | undefined;
}

/** Resolves when the stream has taken the text: a slow reader slows the command down instead of filling memory. */
function print(output: string): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write(output, () => resolve());
  });
}

/** Lets the event loop look around: between answers an interrupt or a closed pipe must get through. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** With `--json` a program reads: nothing but the result is shown, and nobody is asked. */
function contextOf(session: Session, command: Command, parsed: Parsed): CommandContext {
  return {
    cwd: process.cwd(),
    env: process.env,
    async open(options) {
      const { openMomo } = await import("../momo.ts");
      const momo = await openMomo(options);
      session.home = momo.home;
      return momo;
    },
    async readInput() {
      const { text } = await import("node:stream/consumers");
      return text(process.stdin);
    },
    serveHttp: async (options) => (await import("./serve-http.ts")).serveHttp(options),
    serveMcp: async (options) => (await import("./serve-mcp.ts")).serveMcp(options),
    mcpTools: async (options) => (await import("./serve-mcp.ts")).mcpTools(options),
    ...(process.stderr.isTTY && { onProgress: session.progress.update }),
    ...(!parsed.json && {
      show: async (result) => (await printerOf(command, parsed, session))(result),
      ...(isWatched() && { confirm: async (question) => (await import("./ask.ts")).ask(question) }),
    }),
  };
}

const isWatched = (): boolean => [process.stdin, process.stdout, process.stderr].every(({ isTTY }) => isTTY);

/** Standard output as the setting `color` wants it. */
async function outputTerminal({ home }: Session): Promise<Terminal> {
  const { loadConfig } = await import("../config/config.ts");
  return terminalOf(process.stdout, process.env, loadConfig(home).values.color);
}

const plainOutput = (): Terminal => terminalOf(process.stdout, process.env);

/** A text is JSON already. */
const jsonLine = (command: Command, one: unknown): string =>
  typeof one === "string" ? one : JSON.stringify(command.line?.(one) ?? one);

const isMany = (result: unknown): result is AsyncIterable<unknown> =>
  typeof result === "object" && result !== null && Symbol.asyncIterator in result;

/** Prints results as the user wants them; what that needs is loaded once. */
async function printerOf(command: Command, parsed: Parsed, session: Session) {
  if (parsed.json) return (result: unknown) => print(`${JSON.stringify(result, undefined, 2)}\n`);
  const { formatOf } = await import("./format.ts");
  const format = await formatOf(command.name);
  const terminal = await outputTerminal(session);
  return (result: unknown) => print(format(result as never, terminal, parsed.input));
}

async function runCommand(command: Command, argv: readonly string[], session: Session): Promise<number> {
  const parsed = parseArguments(command, argv);
  if (parsed.help) {
    const { commandHelp } = await import("./help.ts");
    await print(commandHelp(command, plainOutput()));
    return 0;
  }
  const result = await command.run(contextOf(session, command, parsed), parsed.input as never);
  session.progress.clear();
  const show = await printerOf(command, parsed, session);
  if (!isMany(result)) {
    await show(result);
    return command.failed?.(result) ? 1 : 0;
  }
  for await (const one of result) {
    await (parsed.json ? print(`${jsonLine(command, one)}\n`) : show(one));
    await turn();
  }
  return 0;
}

async function showHelp(words: readonly string[], session: Session): Promise<number> {
  if (words.length > 0) return dispatch([...words, "--help"], session);
  const { overallHelp } = await import("./help.ts");
  await print(overallHelp(await allCommands(), plainOutput()));
  return 0;
}

async function showCompletion(words: readonly string[]): Promise<number> {
  const { completionScript, shells } = await import("./completion.ts");
  const usage = `usage: momo completion ${shells.join("|")}`;
  if (words.length === 0) throw new MomoError("ARGUMENT_MISSING", { argument: "SHELL", usage });
  if (words.length > 1) throw new MomoError("ARGUMENT_UNEXPECTED", { argument: words[1], usage });
  const shell = choose(shells, { name: "SHELL", text: words[0] });
  await print(completionScript(shell, await allCommands()));
  return 0;
}

async function dispatch(argv: readonly string[], session: Session): Promise<number> {
  const [word = "help", ...rest] = argv;
  if (word === "--version" || word === "-v") return print(`${version()}\n`).then(() => 0);
  if (word === "--help" || word === "-h" || word === "help")
    return showHelp(word === "help" ? rest : [], session);
  if (word === "completion" && !rest.includes("--help")) return showCompletion(rest);
  const command = await findCommand(word);
  if (!command) throw unknownCommand(word, [...commandWords, "completion", "help"]);
  return runCommand(command, rest, session);
}

/** One line for the user; the stack only where it was asked for. */
function report(error: unknown): number {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  if (process.env.MOMO_DEBUG) process.stderr.write(`${stack}\n`);
  else if (error instanceof MomoError) process.stderr.write(`momo: ${message}\n`);
  else
    process.stderr.write(
      `momo: unexpected error: ${message.split("\n")[0]} (run with MOMO_DEBUG=1 for the stack)\n`,
    );
  return error instanceof MomoError ? error.exit : 1;
}

/** A reader that went away, as `head` does, ends the command without a word. */
function endQuietlyOnClosedPipe(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit(0);
  });
}

export async function main(argv: readonly string[]): Promise<void> {
  endQuietlyOnClosedPipe();
  const progress = createProgress(process.stderr, terminalOf(process.stderr, process.env), () =>
    performance.now(),
  );
  process.once("SIGINT", () => {
    progress.clear();
    process.exit(130);
  });
  try {
    process.exitCode = await dispatch(argv, { progress, home: undefined });
  } catch (error) {
    progress.clear();
    process.exitCode = report(error);
  }
}
