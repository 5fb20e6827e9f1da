/** `momo keys` for people. Used by format.ts. */
import type { KeysAnswer } from "../commands/keys.ts";
import type { KeyRecord } from "../security/key-file.ts";
import { time } from "./quantity.ts";
import { table } from "./table.ts";
import { printable, type Terminal } from "./terminal.ts";

const granted = ({ grants }: KeyRecord): string =>
  Object.entries(grants)
    .map(([workspace, role]) => (workspace === "*" ? role : `${role} of ${printable(workspace)}`))
    .join(", ");

function state({ revoked_at, expires_at, previous_until }: KeyRecord, now: number): string {
  if (revoked_at !== undefined) return `revoked ${time(revoked_at)}`;
  if (expires_at !== undefined && Date.parse(expires_at) <= now) return `expired ${time(expires_at)}`;
  const overlap =
    previous_until !== undefined && Date.parse(previous_until) > now
      ? [`the secret before until ${time(previous_until)}`]
      : [];
  return [expires_at === undefined ? "good" : `good until ${time(expires_at)}`, ...overlap].join(", ");
}

function keyTable(keys: readonly KeyRecord[], terminal: Terminal): string {
  if (keys.length === 0) return "No keys. momo keys create --name NAME --role ROLE makes one.";
  const rows = keys.map((key) => [
    key.id,
    printable(key.name),
    granted(key),
    key.last_used_at === undefined ? "never used" : `used ${time(key.last_used_at)}`,
    state(key, Date.now()),
  ]);
  const dim = { paint: (text: string) => terminal.paint("dim", text) };
  return table(rows, [{}, {}, {}, dim, {}], terminal).join("\n");
}

export function formatKeys(answer: KeysAnswer, terminal: Terminal): string {
  if ("keys" in answer) return `${keyTable(answer.keys, terminal)}\n`;
  if ("revoked" in answer)
    return `Revoked the key ${answer.revoked.id} of ${printable(answer.revoked.name)}.\n`;
  const { key, record } = answer;
  const lines = [
    terminal.paint("bold", key),
    "",
    `The key of ${printable(record.name)}, shown this once: keep it where secrets are kept.`,
    `It is ${granted(record)}, ${state(record, Date.now())}.`,
    `Send it as "Authorization: Bearer KEY"; momo keys revoke ${record.id} ends it.`,
  ];
  return `${lines.join("\n")}\n`;
}
