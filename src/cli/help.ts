/** Help texts, made from the commands' data. Used by main.ts. */
import { type Command, flagOf, type Option, type Positional } from "../commands/command.ts";
import { optionsOf, usageOf } from "./parse.ts";
import { table } from "./table.ts";
import type { Terminal } from "./terminal.ts";

const heading = (text: string, terminal: Terminal): string => terminal.paint("bold", text);

/** Words of a paragraph in lines of at most `columns`. */
function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = word;
    } else line = line ? `${line} ${word}` : word;
  }
  return [...lines, line];
}

const TEXT_COLUMNS = 100;

/** Rows of a term and its explanation; the explanation is wrapped beside the term. */
function definitions(rows: readonly (readonly [string, string])[], terminal: Terminal): string[] {
  const columns = Math.min(terminal.columns, TEXT_COLUMNS);
  const first = Math.max(0, ...rows.map(([term]) => term.length)) + 4;
  const room = Math.max(columns - first, 20);
  const split = rows.flatMap(([term, text]) =>
    wrap(text, room).map((line, index): [string, string] => [index === 0 ? `  ${term}` : "", line]),
  );
  return table(split, [{ paint: (text) => terminal.paint("cyan", text) }, {}], {
    ...terminal,
    columns: Number.POSITIVE_INFINITY,
  });
}

export function flagText(name: string, option: Option): string {
  const value = option.type === "boolean" ? "" : ` ${option.value_name}`;
  return `${option.short ? `-${option.short}, ` : ""}${flagOf(name)}${value}`;
}

/** The option's help with its choices, range and default. */
export function optionHelp(option: Option): string {
  const notes: string[] = [];
  if (option.type === "strings") notes.push("may be repeated");
  if (option.type === "integers") notes.push("may be repeated, or a list with commas");
  if ("choices" in option && option.choices) notes.push(`one of ${option.choices.join(", ")}`);
  if (option.type === "integer" && option.min !== undefined && option.max !== undefined)
    notes.push(`${option.min} to ${option.max}`);
  if ("default" in option && option.default !== undefined) notes.push(`default ${option.default}`);
  return notes.length > 0 ? `${option.help} (${notes.join("; ")})` : option.help;
}

/** The argument's help with its choices, and the option that may be given instead. */
export function positionalHelp({ name, value_name, help, choices, or_option }: Positional): string {
  const notes: string[] = [];
  if (choices) notes.push(`one of ${choices.join(", ")}`);
  if (or_option) notes.push(`also ${flagOf(name)} ${value_name}`);
  return notes.length > 0 ? `${help} (${notes.join("; ")})` : help;
}

export function commandHelp(command: Command, terminal: Terminal): string {
  const others = command.aliases.length > 0 ? `\nAlso called: ${command.aliases.join(", ")}` : "";
  const args = command.positionals.map((one): [string, string] => [one.value_name, positionalHelp(one)]);
  const options = Object.entries(optionsOf(command)).filter(
    ([name]) => !command.positionals.some((p) => p.name === name),
  );
  const flags = options.map(([name, option]): [string, string] => [
    flagText(name, option),
    optionHelp(option),
  ]);
  const examples = command.examples.flatMap(({ command: line, help }) => [
    `  ${terminal.paint("dim", `# ${help}`)}`,
    `  ${line}`,
  ]);
  return [
    `${command.summary[0].toUpperCase()}${command.summary.slice(1)}.`,
    "",
    `${usageOf(command)}${others}`,
    ...(command.details ? ["", ...wrap(command.details, Math.min(terminal.columns, TEXT_COLUMNS))] : []),
    ...(args.length > 0 ? ["", heading("Arguments", terminal), ...definitions(args, terminal)] : []),
    "",
    heading("Options", terminal),
    ...definitions(flags, terminal),
    "",
    heading("Examples", terminal),
    ...examples,
    "",
  ].join("\n");
}

export function overallHelp(commands: readonly Command[], terminal: Terminal): string {
  const rows = commands.map(({ name, aliases, summary }): [string, string] => [
    [name, ...aliases].join(", "),
    summary,
  ]);
  return [
    "Momo finds the right place in source code, without a network.",
    "",
    "usage: momo COMMAND [options]",
    "",
    heading("Commands", terminal),
    ...definitions([...rows, ["completion", "print a completion script for bash, zsh or fish"]], terminal),
    "",
    heading("Options", terminal),
    ...definitions(
      [
        ["-h, --help", "show this help; momo COMMAND --help shows a command's"],
        ["-v, --version", "print the version"],
      ],
      terminal,
    ),
    "",
    heading("Examples", terminal),
    '  momo search "where is the retry limit set"',
    "  momo search MomoError --type class",
    "  momo status",
    "",
  ].join("\n");
}
