/** Bash and other shells: functions, variables and aliases of the file, `source`. */
import type { Node } from "web-tree-sitter";
import { hashComments } from "../comments.ts";
import { isBlank } from "../head.ts";
import type { Rules } from "../rules.ts";
import type { Walk } from "../walk.ts";
import { definition } from "./define.ts";

export const bash: Rules = {
  comments: hashComments,
  // `build::all` is one name.
  plainNames: true,
  visits: {
    function_definition: definition({ type: "function", opens: "function" }),
    variable_assignment: defineVariable,
    command_name: visitCommand,
    case_item: countCase,
  },
  branches: [
    "if_statement",
    "elif_clause",
    "for_statement",
    "c_style_for_statement",
    "while_statement",
    "&&",
    "||",
  ],
  calls: [],
};

/** What can stand before a name on its line for the name to be one of the file. */
const declared = /^(?:(?:export|readonly|declare|typeset)\s+(?:-\w+\s+)*)?(?:\w+=\S*\s+)*$/;

/** `NAME=value` without indent; before a command it is the command's. */
function defineVariable(node: Node, walk: Walk): void {
  if (walk.scope.kind !== "file") return;
  const { text } = walk;
  const nameStart = node.startIndex;
  const end = node.endIndex;
  const lineStart = walk.lineStart(walk.lineOf(nameStart));
  if (nameStart - lineStart > 200 || !declared.test(text.slice(lineStart, nameStart))) return;
  const isCommand = /^[ \t]+[^\s#;&|)]/.test(text.slice(end, end + 100));
  if (isCommand && isBlank(text, lineStart, nameStart) && !/^[ \t]+\w+=/.test(text.slice(end, end + 100)))
    return;
  const name = /^\w+/.exec(text.slice(nameStart, nameStart + 200))?.[0] ?? "";
  walk.define({ type: "variable", name, start: lineStart, end, nameStart, headEnd: end });
}

/** Built into every shell: what calls them says nothing about the code. */
const builtins = new Set(
  ": [ echo printf cd return exit shift set unset read test true false break continue eval exec trap let wait command builtin type hash jobs getopts shopt unalias umask ulimit pushd popd dirs".split(
    " ",
  ),
);

function visitCommand(node: Node, walk: Walk): void {
  const start = node.startIndex;
  const name = walk.text.slice(start, node.endIndex);
  if (name === "source" || name === ".") importFile(walk, start, start + name.length);
  else if (name === "alias") defineAlias(walk, start);
  else if (/^[\w:.+@-]+$/.test(name) && !builtins.has(name)) walk.callTo(name, start);
}

/** The rest of a command's line. */
function restOfLine(text: string, from: number): string {
  return text.slice(from, from + 400).split("\n", 1)[0]!;
}

function importFile(walk: Walk, start: number, from: number): void {
  const match = /^\s+("[^"]*"|'[^']*'|[^\s;&|)#]+)/.exec(restOfLine(walk.text, from));
  if (!match || match[1]!.includes("$(")) return; // a name that a command prints
  const module = match[1]!.replace(/^["']|["']$/g, "");
  const end = from + match[0].length;
  const signature = walk.text.slice(start, end);
  walk.importName({ name: module, module, signature, start, end, star: true });
}

function defineAlias(walk: Walk, start: number): void {
  if (walk.scope.kind !== "file") return;
  const line = restOfLine(walk.text, start).trimEnd();
  const end = start + line.length;
  for (const match of line.matchAll(/(?<=\s)(["']?)([^\s=;&|"']+)=(?:'[^']*'|"[^"]*"|\S*)/g)) {
    const nameStart = start + match.index + match[1]!.length;
    walk.define({ type: "variable", name: match[2]!, start, end, nameStart, headEnd: end });
  }
}

/** `*)` is what is left, no decision. */
function countCase(node: Node, walk: Walk): void {
  const start = node.startIndex;
  if (!/^\(?\*\s*\)/.test(walk.text.slice(start, start + 5))) walk.branch();
}
