import { describe, expect, test } from "vitest";
import type { Content, NewVersion, Slice } from "../contract/knowledge.ts";
import type { Store } from "../contract/store.ts";
import { bytes, open, version, write } from "../knowledge.fixture.ts";
import { PackWriter } from "./pack-file.ts";

describe("packs", () => {
  const slice = (key: string, content: number, place: Slice): NewVersion => {
    const { body, text, ...named } = { text: bytes(), ...version(key, content) } as NewVersion & Content;
    return { ...named, ...place };
  };

  /** Two versions in one pack: bodies 1, 1 1 and texts 2, nothing. */
  function writePack(store: Store, fill = 0): number[] {
    const packs = new PackWriter();
    const places = [
      packs.add(bytes(fill + 1), bytes(fill + 2)),
      packs.add(bytes(fill + 1, fill + 1), bytes()),
    ];
    const tx = store.begin({ agent: "indexer", kind: "index" });
    const [pack] = packs.take().map((stored) => tx.addPack(stored));
    const vids = places.map((place, i) => tx.put(slice(`p${i}`, fill + i + 1, { ...place, pack })).vid);
    tx.commit();
    return vids;
  }

  test("hold the bodies and texts of many versions", () => {
    const store = open();
    const vids = [...writePack(store), ...writePack(store, 10), ...write(store, version("a", 1))];
    for (const reader of [store, open("read")]) {
      expect(vids.map((vid) => reader.body(vid))).toEqual([
        bytes(1),
        bytes(1, 1),
        bytes(11),
        bytes(11, 11),
        bytes(1),
      ]);
      expect(vids.map((vid) => reader.text(vid))).toEqual([bytes(2), bytes(), bytes(12), bytes(), undefined]);
      expect(reader.verify()).toBeUndefined();
    }
  });

  test("hold versions without content, and what an empty one is for", () => {
    const store = open();
    const packs = new PackWriter();
    const places = [packs.add(bytes(), bytes()), packs.add(bytes(), bytes())];
    const tx = store.begin({ agent: "indexer", kind: "index" });
    const [pack] = packs.take().map((stored) => tx.addPack(stored));
    const vids = places.map((place, i) => tx.put(slice(`p${i}`, i, { ...place, pack })).vid);
    tx.commit();
    expect(vids.map((vid) => [store.body(vid), store.text(vid)])).toEqual([
      [bytes(), bytes()],
      [bytes(), bytes()],
    ]);
    expect(packs.take()).toEqual([]);
    expect(store.verify()).toBeUndefined();
  });

  test("of an aborted transaction are forgotten, though their number comes again", () => {
    const store = open();
    const packs = new PackWriter();
    const place = packs.add(bytes(77, 77, 77), bytes(77));
    const tx = store.begin({ agent: "indexer", kind: "index" });
    const pack = tx.addPack(packs.take()[0]);
    const { vid } = tx.put(slice("p0", 9, { ...place, pack }));
    expect([tx.reader.body(vid), store.body(vid)]).toEqual([bytes(77, 77, 77), undefined]);
    tx.abort();
    expect(store.body(vid)).toBeUndefined();
    const [again] = writePack(store);
    expect([again, store.body(again)]).toEqual([vid, bytes(1)]);
  });
});

describe("beside the knowledge", () => {
  test("segments keep their sections and the versions of their documents", () => {
    const store = open();
    const tx = store.begin({ agent: "indexer", kind: "index" });
    const vids = Float64Array.of(3, 1, 2 ** 52);
    const first = tx.addSegment({ words: bytes(1, 2, 3), empty: bytes() }, vids.subarray(0));
    const second = tx.addSegment({ words: bytes(4) }, new Float64Array(0));
    // Written in the transaction, read in the transaction: merging needs it.
    expect(tx.reader.segments().map(({ id }) => id)).toEqual([first, second]);
    expect(store.segments()).toEqual([]);
    tx.dropSegments([second]);
    tx.commit();
    const [segment, ...rest] = open("read").segments();
    expect(rest).toEqual([]);
    expect([segment.id, [...segment.vids]]).toEqual([first, [...vids]]);
    const section = segment.section("words");
    expect([section, section.byteOffset]).toEqual([bytes(1, 2, 3), 0]);
    expect(segment.section("empty")).toEqual(bytes());
    expect(() => segment.section("unknown")).toThrow(expect.objectContaining({ code: "STORE_CORRUPT" }));
    const next = store.begin({ agent: "indexer", kind: "index" });
    expect(next.addSegment({}, new Float64Array(0))).toBeGreaterThan(second);
    next.dropSegments([first]);
    next.commit();
    expect(() => segment.section("words")).toThrow(/snapshot/);
    expect([store.seq(), store.history()]).toEqual([0, []]);
  });

  test("scan rows are replaced and forgotten by path", () => {
    const store = open();
    const tx = store.begin({ agent: "indexer", kind: "index" });
    tx.recordScan([
      { path: "a", size: 1, mtime: 1.5 },
      { path: "b", size: 2, mtime: 2, skipped: "binary" },
      { path: "c", size: 3, mtime: 3 },
    ]);
    tx.recordScan([{ path: "a", size: 10, mtime: 1700000000000.25, warning: "syntax" }]);
    tx.forgetScan(["c", "unknown"]);
    tx.commit();
    expect(store.scan().toSorted((x, y) => x.path.localeCompare(y.path))).toEqual([
      { path: "a", size: 10, mtime: 1700000000000.25, warning: "syntax" },
      { path: "b", size: 2, mtime: 2, skipped: "binary" },
    ]);
  });

  test("meta values are replaced by name", () => {
    const store = open();
    for (const value of ["1", "2"]) {
      const tx = store.begin({ agent: "tester" });
      tx.setMeta("extractor", value);
      tx.commit();
    }
    expect([store.meta("extractor"), store.meta("unknown")]).toEqual(["2", undefined]);
  });
});
