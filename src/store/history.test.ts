import { describe, expect, test } from "vitest";
import { open, version } from "./knowledge.fixture.ts";
import type { Store } from "./store.ts";

describe("history", () => {
  test("is newest first and filtered by agent, key, time and count", () => {
    let minute = 0;
    const store = open("write", { clock: () => new Date(Date.UTC(2026, 0, 1, 0, minute++)) });
    for (let i = 0; i < 300; i++) {
      const tx = store.begin({ agent: i % 2 ? "odd" : "even" });
      tx.put(version(`key ${i}`, 1));
      if (i % 100 === 0) tx.put(version("hundreds", i / 100));
      tx.commit();
    }
    const ids = (...filter: Parameters<Store["history"]>): number[] =>
      store.history(...filter).map((t) => t.transaction);
    expect(ids()).toEqual(Array.from({ length: 300 }, (_, i) => 300 - i));
    expect(ids({ agent: "odd", limit: 2 })).toEqual([300, 298]);
    expect(ids({ key: "hundreds" })).toEqual([201, 101, 1]);
    // Key numbers also stand in other operations as parts of version numbers.
    expect(ids({ key: "key 1" })).toEqual([2]);
    expect(ids({ key: "key 129" })).toEqual([130]);
    expect(ids({ key: "unknown" })).toEqual([]);
    expect(ids({ since: "2026-01-01T04:58:00Z" })).toEqual([300, 299]);
    expect(ids({ since: "2026-01-01T04:50:00Z", agent: "even", key: "key 298" })).toEqual([299]);
    expect(() => ids({ since: "soon" })).toThrow(expect.objectContaining({ code: "VALUE_INVALID" }));
  });
});
