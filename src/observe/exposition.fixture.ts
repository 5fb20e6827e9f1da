/** Reads the text that Prometheus reads, strictly. Used by the tests of metrics. */

export interface Family {
  type: string;
  help: string;
  samples: Map<string, number>;
}

const SAMPLE = /^([a-z_:][a-z0-9_:]*)(?:\{(.*)\})? (\S+)$/i;
const LABEL = /([a-z_][a-z0-9_]*)="((?:[^"\\\n]|\\[\\n"])*)"(?:,|$)/gy;

/** Names with sorted labels as Prometheus would write them: `a_total{x="1",y="2"}`. Raises where a line is wrong. */
export function readExposition(text: string): Map<string, Family> {
  if (!text.endsWith("\n")) throw new Error("the last line has no end");
  const families = new Map<string, Family>();
  let current: [string, Family] | undefined;
  for (const line of text.split("\n").filter((one) => one !== "")) {
    const [, keyword, name, rest] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    if (keyword === "HELP") {
      if (families.has(name!)) throw new Error(`${name} comes twice`);
      current = [name!, { type: "", help: rest!, samples: new Map() }];
      families.set(...current);
    } else if (keyword === "TYPE") current![1].type = rest!;
    else addSample(current!, line);
  }
  return families;
}

function addSample([family, { samples }]: [string, Family], line: string): void {
  const [, name, labels = "", value] = SAMPLE.exec(line) ?? [];
  if (!name?.startsWith(family)) throw new Error(`not of ${family}: ${line}`);
  const pairs = [...labels.matchAll(LABEL)].map(([, label, text]) => `${label}="${text}"`);
  if (pairs.join(",").length !== labels.length) throw new Error(`labels: ${line}`);
  const key = pairs.length > 0 ? `${name}{${pairs.sort().join(",")}}` : name;
  if (samples.has(key)) throw new Error(`${key} comes twice`);
  const read = value === "+Inf" ? Number.POSITIVE_INFINITY : Number(value);
  if (Number.isNaN(read) && value !== "NaN" && value !== "Nan") throw new Error(`value: ${line}`);
  samples.set(key, read);
}
