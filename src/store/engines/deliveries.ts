/** Fills states of keys with what an engine asked for of their versions. Used by relay.ts, within a snapshot. */
import type { Delivery, EngineWants, KeyState } from "../contract/feed.ts";
import type { StoreReader } from "../contract/reader.ts";
import type { RowFields } from "../contract/rows.ts";
import { markOf } from "./key-id.ts";
import type { OpenSegments, SegmentRows } from "./segment-rows.ts";

/** Only states of the kinds that it wants. */
export function deliveriesOf(
  store: StoreReader,
  states: readonly KeyState[],
  { wants, segments }: { wants: EngineWants; segments: OpenSegments },
): Delivery[] {
  const wanted = states.filter(({ kind }) => wants.kinds.includes(kind));
  const readsSegments = wants.vectors !== undefined || wants.content.includes("fields");
  const vids = new Set(readsSegments ? wanted.map(({ vid }) => vid) : []);
  const rows = segments.rows(store, vids);
  return wanted.map((state) => {
    const leaf = state.vid ? store.journal.leaf(state.vid) : undefined;
    if (!leaf) return { ...state, mark: 0 };
    const mark = markOf(leaf, state.vid);
    return {
      ...state,
      mark,
      ...contentOf(store, state, wants),
      ...segmentContent(rows, { state, leaf, wants }),
    };
  });
}

function contentOf(store: StoreReader, { vid }: KeyState, { content }: EngineWants): Partial<Delivery> {
  const asksContent = content.includes("body") || content.includes("text");
  const { body, text } = asksContent ? store.content(vid) : {};
  const edge = content.includes("edge") ? store.journal.endsOf(vid) : undefined;
  return {
    ...(body && content.includes("body") && { body }),
    ...(text && content.includes("text") && { text }),
    ...(edge && { edge }),
  };
}

function segmentContent(
  rows: SegmentRows,
  { state, leaf, wants }: { state: KeyState; leaf: Uint8Array; wants: EngineWants },
): Partial<Delivery> {
  const { vid, id, key, kind, seq } = state;
  const fields: RowFields | undefined = wants.content.includes("fields")
    ? (rows.fields(vid) ?? { kind, path: key })
    : undefined;
  const vectors = wants.vectors === undefined ? undefined : rows.vectors(vid);
  return {
    ...(fields && { fields }),
    ...(vectors && {
      vectors: vectors.map(({ chunk, vector }) => ({
        ...rows.fieldsOfChunk(vid, chunk),
        vid,
        id,
        key,
        kind,
        seq,
        mark: markOf(leaf, vid, chunk + 1),
        chunk,
        vector,
      })),
    }),
  };
}
