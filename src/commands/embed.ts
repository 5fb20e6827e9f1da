/** `momo embed`: gives the chunks of a knowledge base vectors of the embedding strategy that is set. */
import { type EmbeddingPlan, type EmbeddingReport, embeddingStrategies } from "../model/api.ts";
import { type CommandContext, defineCommand, homeOption, type Input, waitOption } from "./command.ts";
import { openPlace } from "./place.ts";

const positionals = [
  {
    name: "path",
    value_name: "PATH",
    kind: "path",
    or_option: true,
    help: "folder whose knowledge base is meant; default the current one",
  },
] as const;

const options = {
  dry_run: { type: "boolean", help: "show what would be embedded, and with which model" },
  strategy: {
    type: "string",
    value_name: "STRATEGY",
    choices: embeddingStrategies,
    help: "instead of the one that is set; searches use its vectors when embedding_strategy names it too",
  },
  anew: {
    type: "boolean",
    help: "make a new model although one is known: tfidf fitted to what is there now, or a server's model that changed",
  },
  home: homeOption,
  wait: waitOption,
} as const;

export type EmbedAnswer = EmbeddingPlan | EmbeddingReport;

async function run(
  context: CommandContext,
  { anew, dry_run, strategy, ...input }: Input<typeof positionals, typeof options>,
): Promise<EmbedAnswer> {
  const settings = strategy === undefined ? {} : { settings: { embedding_strategy: strategy } };
  const { momo } = await openPlace(context, { ...input, ...settings, indexed: true });
  try {
    if (dry_run) return await momo.planEmbedding({ anew });
    return await momo.embed({
      anew,
      on_plan: context.show,
      on_progress: context.onProgress,
      signal: context.signal,
    });
  } finally {
    await momo.close();
  }
}

export const embed = defineCommand({
  summary: "embed what is indexed, so that search also finds what means the same in other words",
  details:
    "Embeds every chunk that has no vector of the model that is set (embedding_strategy, embedding_model). With another " +
    "model than before, searches use the old one until all chunks have vectors of the new one. An interrupted run goes " +
    "on where it stopped. Once done, momo ingest embeds what is new. See docs/embeddings.md.",
  examples: [
    { command: "momo embed --strategy tfidf --dry-run", help: "what would be done" },
    { command: "momo embed --strategy tfidf", help: "do it" },
  ],
  positionals,
  options,
  effect: "write",
  run,
});
