/** The engine of the tests keeps the contract of vector stores, though it leaves most to the seam. */
import { vectorStoreContract } from "../vector/contract.fixture.ts";
import { MemoryVectors } from "./memory-engine.fixture.ts";

vectorStoreContract({ name: "the engine of the tests", open: async (model) => new MemoryVectors(model) });
