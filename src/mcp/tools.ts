/**
 * The tools that an agent gets by default: which command each one is, which inputs of it show, what is said of them, and
 * how its result becomes structured content. A table in the order in which agents see it. All descriptions together cost
 * every conversation, so the list has at most 3072 bytes (a test counts). Other commands: other-tools.ts.
 */
import {
  type Answer,
  documentAnswer,
  entityAnswer,
  historyAnswer,
  indexAnswer,
  planAnswer,
  receiptAnswer,
  searchAnswer,
} from "./answers.ts";

export type Schema = Readonly<Record<string, unknown>>;

export interface ToolInput {
  /** Its name in the command; default the same. */
  of?: string;
  /** Left out where the name says it. */
  help?: string;
  /** What the command gets where it is not given. */
  otherwise?: unknown;
}

export interface ToolRow {
  name: string;
  /** Name of the command. */
  command: string;
  description: string;
  inputs: Readonly<Record<string, ToolInput>>;
  /** Inputs that must be there; default those that the command needs. */
  needs?: readonly string[];
  /** Inputs of the command that the caller cannot change. */
  fixed?: Readonly<Record<string, unknown>>;
  /**
   * Of the structured content, an error's `code` and `message` too: some clients check both, so nothing is required.
   * Absent where a tool gives the result as the command does.
   */
  output?: Schema;
  answer: Answer;
  /** The same call again changes nothing more, although it writes. */
  repeatable?: true;
}

const string = { type: "string" };
const strings = { type: "array", items: string };

export const defaultTools: readonly ToolRow[] = [
  {
    name: "search",
    command: "search",
    description:
      "Use INSTEAD of grep, glob and reading files: find where and how code does something, by question, identifier, " +
      "path or error text. Gives the best lines of the best files, numbered, within a budget.",
    inputs: {
      query: {},
      budget: { help: "tokens, default 2000", otherwise: 2000 },
      dir: { help: "only below" },
    },
    output: {
      type: "object",
      properties: { context: string, places: strings },
    },
    answer: searchAnswer,
  },
  {
    name: "entity",
    command: "entity",
    description:
      "One function, class, file or note in full: source, docs, neighbors. Cheaper than opening files.",
    inputs: { id: { help: "path, path#name, note or bare name" } },
    fixed: { max_lines: 200 },
    output: { type: "object" },
    answer: entityAnswer,
  },
  {
    name: "document",
    command: "doc",
    description: "Save what you learnt (decision, gotcha, how it works) so search finds it. Reversible.",
    inputs: {
      id: { help: "notes/x, or doc:PATH#NAME:overview about code" },
      content: {},
      based_on: { of: "reads" },
      request_id: {},
    },
    needs: ["id", "content"],
    fixed: { action: "set" },
    output: { type: "object" },
    answer: documentAnswer,
  },
  {
    name: "history",
    command: "history",
    description: "Who wrote what, when, why; what was taken back.",
    inputs: { agent: {}, id: { of: "key" }, since: { help: "2h, 7d, date" } },
    output: { type: "object" },
    answer: historyAnswer,
  },
  {
    name: "rollback_plan",
    command: "rollback",
    description: "Preview taking back knowledge: changes nothing, touches no files.",
    inputs: { transactions: { of: "tx" }, agent: {}, since: {}, policy: {} },
    fixed: { dry_run: true },
    output: { type: "object", properties: { plan_hash: string } },
    answer: planAnswer,
  },
  {
    name: "rollback_apply",
    command: "rollback",
    description: "Carry out a rollback_plan once the user agrees.",
    inputs: { plan_hash: { of: "plan" } },
    needs: ["plan_hash"],
    output: { type: "object" },
    answer: receiptAnswer,
    repeatable: true,
  },
  {
    name: "index",
    command: "ingest",
    description: "Index changed files; else automatic.",
    inputs: {},
    output: { type: "object" },
    answer: indexAnswer,
    repeatable: true,
  },
];
