/** `momo config` and `momo doctor` for people. Used by format.ts. */
import type { ConfigAnswer } from "../commands/config.ts";
import type { DoctorAnswer } from "../commands/doctor.ts";
import { counted } from "./quantity.ts";
import { table } from "./table.ts";
import { printable, type Terminal } from "./terminal.ts";

const valueText = (value: unknown): string => (Array.isArray(value) ? value.join(",") : String(value));

/** `config get` prints the value alone, for scripts. */
export function formatConfig(
  { settings, secrets, warnings }: ConfigAnswer,
  terminal: Terminal,
  { action }: Readonly<Record<string, unknown>>,
): string {
  if (action === "get") return `${settings.map(({ value }) => valueText(value)).join("\n")}\n`;
  const rows = settings.map(({ key, value, source, description }) => [
    key,
    printable(valueText(value)) || "(none)",
    source,
    description,
  ]);
  const dim = (text: string): string => terminal.paint("dim", text);
  const secretRows = secrets.map(({ env, set }) => [
    env,
    set ? "(hidden)" : "(none)",
    "environment",
    "a secret",
  ]);
  const shown = settings.length > 1 ? [...rows, ...secretRows] : rows;
  const lines = table(shown, [{}, {}, { paint: dim }, { paint: dim }], terminal);
  return `${[...lines, ...warnings.map((warning) => `warning: ${printable(warning)}`)].join("\n")}\n`;
}

export function formatDoctor({ checks }: DoctorAnswer, terminal: Terminal): string {
  const rows = checks.map(({ name, ok, detail }) => [ok ? "ok" : "wrong", name, printable(detail)]);
  const paint = (text: string, [state]: readonly string[]): string =>
    terminal.paint(state === "ok" ? "green" : "red", text);
  const wrong = checks.filter(({ ok }) => !ok).length;
  const summary = wrong === 0 ? "Everything works." : `${counted(wrong, "thing")} to repair.`;
  return `${table(rows, [{ paint }, {}, {}], terminal).join("\n")}\n\n${summary}\n`;
}
