/** npm run bench -- rollback ... measures writing and taking back (rollback.ts); with a folder, indexing and search (speed.ts). */
await import(process.argv[2] === "rollback" ? "./rollback.ts" : "./speed.ts");
