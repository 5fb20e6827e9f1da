/** The content of `.env.example`, made from the table of settings. A test compares it with the committed file. */
import { allowedValues, envNameOf, type SettingKey, settingKeys, settingOf } from "./settings.ts";

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
    "# The key of an openai-compatible model server. It is never stored, shown or logged.",
    "# MOMO_EMBEDDING_KEY=",
    "",
  ];
  return `${head.join("\n")}\n${settingKeys.map(describe).join("\n")}`;
}
