/**
 * npm run bench -- rollback ... measures writing and taking back (rollback.ts); -- vectors ... vector search
 * (vectors.ts); with a folder, indexing and search (speed.ts).
 */
const subjects: Record<string, string> = { rollback: "./rollback.ts", vectors: "./vectors.ts" };
await import(subjects[process.argv[2] ?? ""] ?? "./speed.ts");
