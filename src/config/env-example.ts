/** The content of `.env.example`, made from the table of settings. A test compares it with the committed file. */
import { secretVariables } from "./config.ts";
import { allowedValues } from "./setting-values.ts";
import { envNameOf, type SettingKey, settingKeys, settingOf } from "./settings.ts";

function describe(key: SettingKey): string {
  const setting = settingOf(key);
  const value = setting.type === "list" ? setting.default.join(",") : setting.default;
  return `# ${setting.description}: ${allowedValues(setting)}.\n# ${envNameOf(key)}=${value}\n`;
}

/** Every variable, commented out, at its default. */
export function envExample(): string {
  const head = [
    "# Momo's settings as environment variables, at their defaults. Stronger: command-line flags. Weaker: config.json in",
    "# the knowledge base. Momo reads no .env file by itself: what lies in a folder that is indexed sets nothing.",
    "# Generated from src/config/settings.ts: after a change there run `npx vitest run src/config -u`.",
    "",
    "# Where the knowledge base lies: default <root>/.momo.",
    "# MOMO_HOME=",
    "",
    "# Secrets: they are never stored, shown or logged.",
    "",
    ...Object.entries(secretVariables).flatMap(([name, description]) => [
      `# ${description}.`,
      `# ${name}=`,
      "",
    ]),
  ];
  return `${head.join("\n")}\n${settingKeys.map(describe).join("\n")}`;
}
