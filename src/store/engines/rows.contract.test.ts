/** The engine of the tests keeps the contract of engines that follow. */
import type { DocumentRow } from "../contract/rows.ts";
import { MemoryRows } from "./memory-engine.fixture.ts";
import { rowEngineContract } from "./rows.contract.fixture.ts";

rowEngineContract<DocumentRow>({
  name: "the engine of the tests",
  open: async () => new MemoryRows<DocumentRow>(),
  rowOf: (row) => ({ ...row, path: row.key }),
});
