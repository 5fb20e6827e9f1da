import { expect, it } from "vitest";
import { extract } from "../extract.ts";
import { loadGrammar } from "../grammars.ts";

const text = `use std::fmt;

cfg_rt! {
    /// Owned permission to join.
    pub struct JoinHandle<T> {
        raw: RawTask,
    }

    impl<T> JoinHandle<T> {
        pub fn abort(&self) {}
    }
}

println! {
    "not an item {}", 1
}
`;

it("reads the items that a macro wraps, at their own lines", async () => {
  await loadGrammar("rust", "join.rs");
  const { entities, warnings } = extract({ path: "join.rs", language: "rust", text });
  const found = entities.map(({ qualified, type, start_line, end_line }) => [
    qualified,
    type,
    start_line,
    end_line,
  ]);
  expect(found).toContainEqual(["JoinHandle", "class", 5, 7]);
  expect(found).toContainEqual(["JoinHandle.abort", "method", 10, 10]);
  expect(entities.find(({ name }) => name === "JoinHandle")?.docstring).toBe("Owned permission to join.");
  expect(warnings).toEqual([]);
});
