/** Prompts that a person picks in a client: what to do with the tools, in the right order. Pure; used by server.ts. */
import { MomoError } from "../errors.ts";

interface PromptArgument {
  name: string;
  description: string;
  required: boolean;
}

interface PromptRow {
  name: string;
  title: string;
  description: string;
  arguments: readonly PromptArgument[];
  text(values: Readonly<Record<string, string>>): string;
}

export const prompts: readonly PromptRow[] = [
  {
    name: "explain",
    title: "Where is it, and why is it so?",
    description: "Finds where the code does something, and explains how and why",
    arguments: [{ name: "question", description: "What you want to understand", required: true }],
    text: ({ question }) =>
      `Explain this about the code of this project: ${question}\n\n` +
      "Call search with the question, then entity for the definitions that matter. Say where it is done " +
      "(path:line), how it works, and why it is so as far as documentation or notes say. Where nothing says why, say " +
      "that. Cite a place for every claim.",
  },
  {
    name: "impact",
    title: "What does a change touch?",
    description: "Finds what depends on something before it is changed",
    arguments: [
      { name: "target", description: "A file, or path#name", required: true },
      { name: "change", description: "What shall become different", required: false },
    ],
    text: ({ target, change }) =>
      `Find out what is affected when ${target} changes${change ? `: ${change}` : ""}.\n\n` +
      "Call entity for it and its neighbors, then search for its name and for what it promises to others. List callers, " +
      "tests, documentation and configuration with path:line, those that would break first. Say what you could not check.",
  },
  {
    name: "remember",
    title: "Write down what was learnt",
    description: "Documents what this conversation found out, so that the next agent finds it",
    arguments: [{ name: "topic", description: "What it is about; default all of it", required: false }],
    text: ({ topic }) =>
      `Write down what we learnt${topic ? ` about ${topic}` : ""}.\n\n` +
      "First search whether it is written already. Then call document once for each subject: short, true without this " +
      "conversation, with the reason. Use doc:PATH#NAME:overview for what belongs to code, notes/... for the rest, and " +
      "name the ids that it is based on. Leave out what the code says itself.",
  },
  {
    name: "review_agent",
    title: "Review what an agent wrote",
    description: "Shows what an agent wrote into the knowledge, and takes back what is wrong",
    arguments: [
      { name: "agent", description: "Its name in the history", required: true },
      { name: "since", description: "From when on: 2h, 7d, a date", required: false },
    ],
    text: ({ agent, since }) =>
      `Review what the agent ${agent} wrote into the knowledge base${since ? ` since ${since}` : ""}.\n\n` +
      "Call history for it, then entity for what it wrote, and check each against the code. List what is wrong or out of " +
      "date. For what should go, call rollback_plan, show me the plan, and call rollback_apply with its plan_hash only " +
      "after I agreed.",
  },
];

export interface PromptDefinition extends Omit<PromptRow, "text" | "arguments"> {
  arguments: PromptArgument[];
}

export const promptDefinitions = (): PromptDefinition[] =>
  prompts.map(({ text: _, arguments: taken, ...row }) => ({ ...row, arguments: [...taken] }));

const LONGEST = 4000;

/** The text of a prompt; undefined when there is none of that name. Raises ARGUMENT_MISSING, OPTION_UNKNOWN, VALUE_INVALID. */
export function promptText(name: string, given: Readonly<Record<string, string>>): string | undefined {
  const row = prompts.find((one) => one.name === name);
  if (!row) return undefined;
  const known = row.arguments.map((argument) => argument.name);
  for (const [option, value] of Object.entries(given)) {
    if (!known.includes(option))
      throw new MomoError("OPTION_UNKNOWN", {
        option: option.slice(0, 60),
        hint: `give ${known.join(", ")}`,
      });
    if (value.length > LONGEST)
      throw new MomoError("VALUE_INVALID", {
        name: option,
        value: `${value.slice(0, 40)}...`,
        hint: `give at most ${LONGEST} characters`,
      });
  }
  for (const argument of row.arguments)
    if (argument.required && !given[argument.name]?.trim())
      throw new MomoError("ARGUMENT_MISSING", { argument: argument.name, usage: argument.description });
  return row.text(given);
}
