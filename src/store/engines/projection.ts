/**
 * Makes an engine that the relay delivers to of a place that keeps rows by version: sets a key's state unless a newer one
 * is there, and takes away the versions that the key pointed at before. So an adapter writes rows, and what late,
 * repeated and lost deliveries mean is decided here, once.
 */
import type { Delivery, Engine, EngineWants } from "../contract/feed.ts";
import type { DocumentRow, EdgeRow, Held, RowEngine, VectorRow, VersionRow } from "../contract/rows.ts";

export interface Projected<Row extends VersionRow> {
  name: string;
  wants: EngineWants;
  /** States of one delivery. */
  batch?: number;
  rows: RowEngine<Row>;
  /** The rows of a delivered version; none where it has nothing for this engine. */
  rowsOf: (delivery: Delivery) => Row[];
}

const BATCH = 500;

export function projection<Row extends VersionRow>(projected: Projected<Row>): Engine {
  const { name, wants, batch = BATCH, rows } = projected;
  return {
    name,
    wants,
    batch,
    holdings: rows,
    apply: async (deliveries) => {
      const held = await heldOf(rows, deliveries);
      const fresh = newest(deliveries).filter(({ id, seq }) => !held.get(id)?.some((one) => one.seq > seq));
      await set(projected, fresh, held);
    },
    repair: async (deliveries) => set(projected, newest(deliveries), await heldOf(rows, deliveries)),
  };
}

/** New rows are there before old ones go: an interruption leaves one too many, which is no hit, and is done again. */
async function set<Row extends VersionRow>(
  { rows, rowsOf }: Projected<Row>,
  deliveries: readonly Delivery[],
  held: ReadonlyMap<string, Held[]>,
): Promise<void> {
  const made = deliveries.flatMap((delivery) => (delivery.vid ? rowsOf(delivery) : []));
  if (made.length > 0) await rows.upsert(made);
  const dead = deliveries.flatMap(({ id, vid }) =>
    (held.get(id) ?? []).filter((one) => one.vid !== vid).map((one) => one.vid),
  );
  if (dead.length > 0) await rows.remove(dead);
}

async function heldOf(rows: RowEngine<never>, deliveries: readonly Delivery[]): Promise<Map<string, Held[]>> {
  const found = await rows.held([...new Set(deliveries.map(({ id }) => id))]);
  return Map.groupBy(found, ({ id }) => id);
}

/** Of each key the newest. */
function newest(deliveries: readonly Delivery[]): Delivery[] {
  const states = new Map<string, Delivery>();
  for (const one of deliveries) if ((states.get(one.id)?.seq ?? -1) <= one.seq) states.set(one.id, one);
  return [...states.values()];
}

/** What engines of vectors, of relations and of documents want, and the rows that they get. */
export const vectorRows = (model: string): Pick<Projected<VectorRow>, "wants" | "rowsOf"> => ({
  wants: { kinds: ["file", "entry"], content: [], vectors: model },
  rowsOf: ({ vectors = [] }) => vectors,
});

export const edgeRows: Pick<Projected<EdgeRow>, "wants" | "rowsOf"> = {
  wants: { kinds: ["relation"], content: ["edge"] },
  rowsOf: ({ vid, id, key, kind, seq, mark, edge }) =>
    edge ? [{ vid, id, key, kind, seq, mark, ...edge }] : [],
};

export const documentRows: Pick<Projected<DocumentRow>, "wants" | "rowsOf"> = {
  wants: { kinds: ["file", "entry"], content: ["fields", "body", "text"] },
  rowsOf: ({ vid, id, key, kind, seq, mark, fields, body, text }) =>
    fields
      ? [{ ...fields, vid, id, key, kind, seq, mark, ...(body && { body }), ...(text && { text }) }]
      : [],
};
