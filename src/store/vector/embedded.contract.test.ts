/** The embedded store keeps the contract of vector stores. */
import { vectorStoreContract } from "./contract.fixture.ts";
import { EmbeddedVectorStore } from "./embedded.ts";

vectorStoreContract({ name: "the embedded store", open: async (model) => new EmbeddedVectorStore(model) });
