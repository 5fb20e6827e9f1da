/**
 * What a secret looks like, by its shape in a text and by the name of the field that holds it. Used where text leaves
 * for a log, a trace or an audit (`observe/`, `security/`). Every pattern takes time linear in the text: what follows
 * an unlimited run is optional, and what has to follow one stands after a limited one.
 */

export const REDACTED = "[redacted]";

/** Tokens that their makers gave a prefix, so that they can be found. All begin where a word begins. */
const tokens: Readonly<Record<string, string>> = {
  // What lies behind momo_ in names of metrics has neither digits nor capitals.
  momo: "momo_[A-Za-z0-9]{4,64}_(?=[a-z_-]{0,64}[A-Z0-9])[\\w-]{20,300}",
  github: "gh[opusr]_[A-Za-z0-9]{20,255}",
  github_fine: "github_pat_\\w{20,255}",
  gitlab: "gl(?:pat|dt|rt|cbt|ptt|oas|soat|agent|ft|imt|ffct)-[\\w.-]{20,300}",
  slack: "xox[a-z](?:\\.xox[a-z])?-[\\w-]{10,300}",
  slack_app: "xapp-\\d-[\\w-]{10,300}",
  aws_id: "(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}",
  google: "AIza[\\w-]{35}",
  google_oauth: "ya29\\.[\\w-]{20,2000}",
  google_client: "GOCSPX-[\\w-]{20,100}",
  google_refresh: "1//0[\\w-]{20,300}",
  stripe: "(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{16,300}",
  stripe_webhook: "whsec_[A-Za-z0-9+/=]{20,300}",
  npm: "npm_[A-Za-z0-9]{30,100}",
  pypi: "pypi-[\\w-]{40,1000}",
  // OpenAI, Anthropic, OpenRouter, DeepSeek and more.
  sk: "sk-(?=[a-z_-]{0,64}[A-Z0-9])[\\w-]{20,300}",
  hugging_face: "hf_[A-Za-z0-9]{30,100}",
  model_servers: "(?:gsk_|xai-|pplx-|r8_|nvapi-|fw_)[\\w-]{30,200}",
  sendgrid: "SG\\.[\\w-]{16,64}\\.[\\w-]{16,100}",
  twilio: "SK[0-9a-f]{32}",
  digital_ocean: "do[opr]_v1_[0-9a-f]{64}",
  docker: "dckr_(?:pat|oat)_[\\w-]{20,100}",
  vault: "hv[sbr]\\.[\\w-]{20,300}",
  databricks: "dapi[0-9a-f]{32}",
  shopify: "shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}",
  telegram: "\\d{8,10}:AA[\\w-]{33}",
  grafana: "gl(?:sa|c)_[\\w+/=]{32,300}",
  sentry: "sntry[su]_[\\w+/=]{20,500}",
  supabase: "sb[p]_[0-9a-f]{40}|sb_secret_[\\w-]{20,100}",
  linear: "lin_api_[A-Za-z0-9]{32,100}",
  notion: "ntn_[A-Za-z0-9]{40,100}",
  atlassian: "ATATT3[\\w=-]{50,500}",
  rubygems: "rubygems_[0-9a-f]{48}",
  figma: "fig[dor]_[\\w-]{30,100}",
  postman: "PMAK-[0-9a-f]{24}-[0-9a-f]{34}",
  tailscale: "tskey-[a-z]{2,10}-[\\w-]{16,100}",
  doppler: "dp\\.(?:pt|st|ct|sa|scim|audit)\\.[\\w.-]{30,100}",
  age: "AGE-SECRET-KEY-1[A-Z0-9]{50,60}",
};

const NAME =
  "(?:password|passwd|passphrase|pwd|secret|token|credentials?|signature|" +
  "(?:api|access|account|auth|client|encryption|private|secret|shared|signing|storage)[_ -]?key)";

const HEADER = "(?:proxy-)?authorization|(?:set-)?cookie|x-(?:api-key|auth-token|amz-security-token)";

/** What is found in a text, without what stays of it: the name before a value, the user before a password. */
const patterns: readonly RegExp[] = [
  // A key in the text form of PEM or PGP, to its end or that of the text; line ends may be written as \n.
  /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----[^-]*(?:-(?!----)[^-]*){0,200}(?:-----END [A-Z0-9 ]{0,50}-----)?/g,
  /PuTTY-User-Key-File-\d:[^-]*(?:-(?!----)[^-]*){0,200}/g,
  // A JSON Web Token, signed or encrypted.
  /(?<![\w-])eyJ[\w-]{8,8000}\.[\w-]{2,}(?:\.[\w-]*){0,3}/g,
  /(?<=https:\/\/hooks\.slack\.com\/(?:services|workflows|triggers)\/)[\w/-]{10,}/g,
  /(?<=https:\/\/(?:\w{1,10}\.)?discord(?:app)?\.com\/api\/webhooks\/)[\w/-]{10,}/g,
  // The rest of a header's line, as a dump of a request shows it; quoted in a dump as JSON.
  new RegExp(`(?<=(?<![\\w-])(?:${HEADER}): {0,3})[^\\s"'\\[][^\\r\\n"']*`, "gi"),
  new RegExp(`(?<=["'](?:${HEADER})\\\\?["'] {0,3}[:,] {0,3}\\[?\\\\?["'])[^"'\\\\\\r\\n]+`, "gi"),
  /(?<=\bbearer[ :]{1,3})(?!authentication|authorization|tokens?\b|\[)[\w.~+/=-]{6,}/gi,
  /(?<=\b(?:Basic|basic|BASIC) )(?=[a-z]{0,64}[A-Z0-9+/=])[A-Za-z0-9+/]{8,}={0,2}/g,
  // The password of an address (https, postgres, redis, amqp, ...), and a token in place of the user.
  /(?<=:\/\/[^\s:@/?#"'<>]{0,200}:)(?!\[redacted\])[^\s/?#"'<>]{1,500}(?=@)/g,
  /(?<=:\/\/)(?=[a-z_-]{0,64}[A-Z0-9])[\w-]{20,500}(?=@)/g,
  new RegExp(`(?<![A-Za-z0-9])(?:${Object.values(tokens).join("|")})`, "g"),
  // name=value, as in queries of addresses, connection strings, .env files and command lines.
  new RegExp(`(?<=${NAME} ?= ?)(?!\\[redacted\\]|["'=>])[^\\s;&,"'<>()]{3,}`, "gi"),
  new RegExp(`(?<=${NAME} ?= ?\\\\?["'])[^"'\\r\\n\\\\]+`, "gi"),
  new RegExp(`(?<=--[a-z-]{0,30}${NAME} )(?!-)[^\\s"']{3,}`, "gi"),
  /(?<=(?:password|passwd|passphrase|secret|(?:api|access|private)[_ -]?key): {1,3})(?!\[redacted\])[^\s"',;]{3,}/gi,
  // "name": "value" of JSON, and name: "value" of YAML and JavaScript; then the same where it is itself quoted.
  new RegExp(`(?<=${NAME}["']? {0,3}: {0,3}")(?=[^"])[^"\\\\\\r\\n]*(?:\\\\.[^"\\\\\\r\\n]*){0,1000}`, "gi"),
  new RegExp(`(?<=${NAME}["']? {0,3}: {0,3}')(?=[^'])[^'\\\\\\r\\n]*(?:\\\\.[^'\\\\\\r\\n]*){0,1000}`, "gi"),
  new RegExp(
    `(?<=${NAME}\\\\["'] {0,3}: {0,3}\\\\["'])[^"'\\\\\\r\\n]+(?:\\\\{2,9}.[^"'\\\\\\r\\n]*){0,1000}`,
    "gi",
  ),
];

/** Of a longer text only so many characters are looked at, and none of the rest is kept. */
const MAX_CHARACTERS = 2 ** 20;
/** Half a secret at the place of the cut has no shape any more. */
const EDGE = 512;

/**
 * The text with every secret that has a known shape replaced; what says where it stood is kept. Of more than a million
 * characters the beginning, and how many are left out.
 */
export function redactText(text: string): string {
  // Shorter than any secret that has a shape.
  if (text.length < 8) return text;
  const isCut = text.length > MAX_CHARACTERS;
  let safe = isCut ? text.slice(0, MAX_CHARACTERS) : text;
  for (const pattern of patterns) safe = safe.replace(pattern, REDACTED);
  return isCut ? `${safe.slice(0, -EDGE)}… [${text.length - MAX_CHARACTERS + EDGE} characters]` : safe;
}

/** Secret wherever they stand in a name. */
const strong = new Set(
  "password passwd passphrase pwd secret secrets passwords credential credentials authorization cookie cookies".split(
    " ",
  ),
);
/** Secret at the end of a name: `key_id` and `token_count` are not. */
const weak = new Set("token key jwt otp apikey signature".split(" "));

const JOINED =
  /(?:password|passphrase|secret|(?:api|access|private|secret)key|(?:auth|access|refresh|id)token)$/i;

/**
 * Whether a field of that name holds a secret: `password`, `api_key`, `X-Api-Key`, `clientSecret`, `set-cookie`,
 * `--token`. Not `key_id`, `input_tokens`.
 */
export function isSecretName(name: string): boolean {
  const words = name
    .split(/[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])/)
    .filter((word) => word !== "")
    .map((word) => word.toLowerCase());
  const last = words.at(-1);
  return (
    last !== undefined && (words.some((word) => strong.has(word)) || weak.has(last) || JOINED.test(last))
  );
}
