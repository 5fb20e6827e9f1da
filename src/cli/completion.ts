/** Completion scripts for bash, zsh and fish, made from the commands' data. Used by main.ts. */
import { type Command, flagOf, type Option } from "../commands/command.ts";
import { optionsOf } from "./parse.ts";

export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

const wordsOf = ({ name, aliases }: Command): string[] => [name, ...aliases];

const choicesOf = (option: Option): readonly string[] =>
  "choices" in option && option.choices ? option.choices : [];

const flagsOf = (command: Command): string[] =>
  Object.entries(optionsOf(command)).flatMap(([name, { short }]) =>
    short ? [flagOf(name), `-${short}`] : [flagOf(name)],
  );

function bashCase(command: Command): string {
  const choices = Object.entries(optionsOf(command)).filter(([, option]) => choicesOf(option).length > 0);
  const values = choices.map(([name, option]) => {
    const flags = option.short ? `${flagOf(name)}|-${option.short}` : flagOf(name);
    return `        ${flags}) COMPREPLY=($(compgen -W ${quote(choicesOf(option).join(" "))} -- "$current")); return ;;`;
  });
  const words = command.positionals.flatMap((positional) => positional.choices ?? []);
  return [
    `    ${wordsOf(command).join("|")})`,
    ...(values.length > 0 ? ['      case "$previous" in', ...values, "      esac"] : []),
    `      if [[ "$current" == -* ]]; then COMPREPLY=($(compgen -W ${quote(flagsOf(command).join(" "))} -- "$current"))`,
    `      else COMPREPLY=($(compgen -W ${quote(words.join(" "))} -- "$current") $(compgen -f -- "$current")); fi ;;`,
  ].join("\n");
}

const bash = (
  commands: readonly Command[],
): string => `# bash completion for momo: source <(momo completion bash)
_momo() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}"
  if [[ "$COMP_CWORD" -eq 1 ]]; then
    COMPREPLY=($(compgen -W ${quote([...commands.flatMap(wordsOf), "completion", "--help", "--version"].join(" "))} -- "$current"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${commands.map(bashCase).join("\n")}
    completion) COMPREPLY=($(compgen -W ${quote(shells.join(" "))} -- "$current")) ;;
  esac
}
complete -o filenames -F _momo momo
`;

/** Text inside a zsh `[...]` explanation. */
const zshText = (text: string): string => text.replace(/[[\]:\\]/g, "\\$&");

function zshOption([name, option]: [string, Option]): string[] {
  const choices = choicesOf(option);
  const action = choices.length > 0 ? `(${choices.join(" ")})` : "_files";
  const value = option.type === "boolean" ? "" : `:${option.value_name}:${action}`;
  const repeat = option.type === "strings" || option.type === "integers" ? "*" : "";
  const flags = option.short ? [flagOf(name), `-${option.short}`] : [flagOf(name)];
  return flags.map((flag) => quote(`${repeat}${flag}[${zshText(option.help)}]${value}`));
}

function zshCase(command: Command): string {
  const options = Object.entries(optionsOf(command)).flatMap(zshOption);
  const words = command.positionals.map(({ value_name, choices, many }) =>
    quote(`${many ? "*" : ""}:${value_name}:${choices ? `(${choices.join(" ")})` : "_files"}`),
  );
  return `    ${wordsOf(command).join("|")}) _arguments ${[...options, ...words].join(" \\\n      ")} ;;`;
}

const zsh = (commands: readonly Command[]): string => `#compdef momo
# zsh completion for momo: momo completion zsh > "\${fpath[1]}/_momo"
_momo() {
  if (( CURRENT == 2 )); then
    local -a words
    words=(
${commands.map(({ name, summary }) => `      ${quote(`${name}:${zshText(summary)}`)}`).join("\n")}
      'completion:print a completion script'
    )
    _describe command words
    return
  fi
  local command="$words[2]"
  shift words
  (( CURRENT-- ))
  case "$command" in
${commands.map(zshCase).join("\n")}
    completion) _arguments ':SHELL:(${shells.join(" ")})' ;;
  esac
}
compdef _momo momo
`;

function fishOptions(command: Command): string[] {
  const seen = `-n "__fish_seen_subcommand_from ${wordsOf(command).join(" ")}"`;
  const options = Object.entries(optionsOf(command)).map(([name, option]) => {
    const short = option.short ? ` -s ${option.short}` : "";
    const choices = choicesOf(option);
    const value =
      option.type === "boolean" ? "" : choices.length > 0 ? ` -x -a ${quote(choices.join(" "))}` : " -r";
    return `complete -c momo ${seen} -l ${flagOf(name).slice(2)}${short}${value} -d ${quote(option.help)}`;
  });
  const words = command.positionals.flatMap(({ choices }) => choices ?? []);
  return words.length > 0 ? [...options, `complete -c momo ${seen} -a ${quote(words.join(" "))}`] : options;
}

const fish = (commands: readonly Command[]): string =>
  [
    "# fish completion for momo: momo completion fish > ~/.config/fish/completions/momo.fish",
    ...commands.map(
      ({ name, summary }) => `complete -c momo -n __fish_use_subcommand -f -a ${name} -d ${quote(summary)}`,
    ),
    "complete -c momo -n __fish_use_subcommand -f -a completion -d 'print a completion script'",
    `complete -c momo -n "__fish_seen_subcommand_from completion" -f -a ${quote(shells.join(" "))}`,
    ...commands.flatMap(fishOptions),
    "",
  ].join("\n");

const scripts = { bash, zsh, fish } satisfies Record<Shell, (commands: readonly Command[]) => string>;

export const completionScript = (shell: Shell, commands: readonly Command[]): string =>
  scripts[shell](commands);
