/**
 * npm run bench -- rollback ... measures writing and taking back (rollback.ts); -- vectors ... vector search
 * (vectors.ts); -- cache ... what keeping answers brings (cache.ts); -- scale ... sizes from 1,000 to a million chunks
 * (scale.ts); -- packing ... what a budget of tokens finds (packing.ts); -- expansion ... what other words for those of
 * a query change (expansion.ts); -- serve ... a server under load (serve.ts); -- mcp ... what an agent waits for (mcp.ts);
 * -- mutants ... which wrong changes no test notices (mutants.ts);
 * with a folder, indexing and search (speed.ts).
 */
const subjects: Record<string, string> = {
  rollback: "./rollback.ts",
  vectors: "./vectors.ts",
  cache: "./cache.ts",
  scale: "./scale.ts",
  packing: "./packing.ts",
  expansion: "./expansion.ts",
  serve: "./serve.ts",
  mcp: "./mcp.ts",
  mutants: "./mutants.ts",
};
await import(subjects[process.argv[2] ?? ""] ?? "./speed.ts");
