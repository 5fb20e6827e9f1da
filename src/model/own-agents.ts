/** Names by which Momo itself writes: nobody else may. Used wherever a name is given to who writes. */
export const ownAgents: readonly string[] = ["indexer", "momo"];
