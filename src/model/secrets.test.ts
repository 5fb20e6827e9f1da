import { expect, test } from "vitest";
import { isSecretName, REDACTED, redactText } from "./secrets.ts";

const letters = (length: number): string => "aB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0z".repeat(40).slice(0, length);
const hex = (length: number): string => "0123456789abcdef".repeat(20).slice(0, length);
const capitals = (length: number): string => "AB3DE5GH7JK9MN1P".repeat(10).slice(0, length);
/** Put together here, so that no scanner takes this file for a leak. */
const join = (...parts: string[]): string => parts.join("");

/** Name -> text around a secret, and the secret in it that must not be left. */
const shapes: Record<string, { text: string; secret: string }> = Object.fromEntries(
  Object.entries({
    "key of Momo": join("momo_", "k3y9", "_", letters(43), "_", "9f3a1c"),
    "GitHub token": join("gh", "p_", letters(36)),
    "GitHub token of an app": join("gh", "s_", letters(36)),
    "GitHub fine-grained token": join("github", "_pat_", letters(22), "_", letters(59)),
    "GitLab token": join("gl", "pat-", letters(20)),
    "Slack token": join("xo", "xb-", "123456789012-", letters(24)),
    "Slack app token": join("xa", "pp-1-", letters(30)),
    "AWS access key id": join("AK", "IA", capitals(16)),
    "Google API key": join("AI", "za", letters(35)),
    "Google OAuth token": join("ya", "29.", letters(60)),
    "Google client secret": join("GOC", "SPX-", letters(28)),
    "Stripe key": join("sk", "_live_", letters(24)),
    "Stripe webhook secret": join("wh", "sec_", letters(32)),
    "npm token": join("np", "m_", letters(36)),
    "PyPI token": join("py", "pi-AgEIcHlwaS5vcmc", letters(80)),
    "OpenAI key": join("s", "k-proj-", letters(48)),
    "OpenAI key of the old form": join("s", "k-", letters(48)),
    "Anthropic key": join("s", "k-ant-api03-", letters(80)),
    "Hugging Face token": join("h", "f_", letters(34)),
    "Groq key": join("gs", "k_", letters(52)),
    "SendGrid key": join("S", "G.", letters(22), ".", letters(43)),
    "Twilio key": join("S", "K", hex(32)),
    "DigitalOcean token": join("do", "p_v1_", hex(64)),
    "Docker token": join("dckr", "_pat_", letters(27)),
    "Vault token": join("hv", "s.", letters(90)),
    "Databricks token": join("da", "pi", hex(32)),
    "Shopify token": join("sh", "pat_", hex(32)),
    "Telegram token": join("1234567890", ":AA", letters(33)),
    "Grafana token": join("gl", "sa_", letters(32), "_", hex(8)),
    "RubyGems key": join("ruby", "gems_", hex(48)),
    "Google refresh token": join("1/", "/0", letters(40)),
    "Sentry token": join("sn", "trys_", letters(60)),
    "Supabase token": join("sb", "p_", hex(40)),
    "Supabase key": join("sb", "_secret_", letters(31)),
    "Linear key": join("lin", "_api_", letters(40)),
    "Notion token": join("nt", "n_", letters(46)),
    "Atlassian token": join("ATA", "TT3", letters(180)),
    "Figma token": join("fi", "gd_", letters(40)),
    "Postman key": join("PM", "AK-", hex(24), "-", hex(34)),
    "Tailscale key": join("ts", "key-auth-", letters(20)),
    "Doppler token": join("d", "p.pt.", letters(43)),
    "PuTTY key": join("PuTTY-User-", "Key-File-3: ssh-ed25519\nPrivate-Lines: 1\n", letters(48)),
    "age key": join("AGE-SECRET", "-KEY-1", capitals(58)),
    "JSON Web Token": join("ey", "JhbGciOiJIUzI1NiJ9.ey", "JzdWIiOiIxIn0.", letters(43)),
    "unsigned JSON Web Token": join("ey", "JhbGciOiJub25lIn0.ey", "JzdWIiOiIxIn0."),
    "private key": join(
      "-----BEGIN OPENSSH PRIVATE",
      ` KEY-----\n${letters(64)}\n${letters(30)}\n`,
      "-----END OPENSSH PRIVATE KEY-----",
    ),
    "encrypted private key": join(
      "-----BEGIN RSA PRIVATE",
      ` KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n${letters(64)}\n`,
      "-----END RSA PRIVATE KEY-----",
    ),
    "private key on one line": join(
      "-----BEGIN PRIVATE",
      ` KEY-----\\n${letters(64)}\\n`,
      "-----END PRIVATE KEY-----",
    ),
  }).map(([name, secret]) => [name, { text: secret, secret }]),
);

const around: Record<string, { text: string; secret: string; left: string }> = {
  "bearer header": { text: "Authorization: Bearer abc.def", secret: "abc.def", left: "Authorization: " },
  "bearer alone": { text: "sent bearer c0ffee42", secret: "c0ffee42", left: "sent bearer " },
  "basic header": { text: "with Basic dXNlcjpwYXNz", secret: "dXNlcjpwYXNz", left: "with Basic " },
  "cookie header": {
    text: "cookie: session=1; b=2\r\nhost: x",
    secret: "session=1; b=2",
    left: "\r\nhost: x",
  },
  "header of a key": { text: "-H 'X-Api-Key: abcd' http://x", secret: "abcd", left: "' http://x" },
  "header in JSON": {
    text: '["authorization","Basic abc"]',
    secret: "Basic abc",
    left: '["authorization","',
  },
  "address with a password": { text: "https://ann:pass@host/p", secret: "pass", left: "https://ann:" },
  "address with a password that has an @": { text: "pg://u:p@ss@host", secret: "p@ss", left: "@host" },
  "address without a user": { text: "redis://:pw@host:6379", secret: "pw", left: "@host:6379" },
  "address with a token": {
    text: `https://${letters(24)}@git.example/x`,
    secret: letters(24),
    left: "@git.example/x",
  },
  "query of an address": { text: "/live?access_token=abc&since=4", secret: "abc", left: "&since=4" },
  "connection string": {
    text: "Server=db;Password=Pa$$w0rd;Pooling=1",
    secret: "Pa$$w0rd",
    left: ";Pooling=1",
  },
  "connection string in quotes": {
    text: "password='two words' host=x",
    secret: "two words",
    left: "' host=x",
  },
  "variable of the environment": {
    text: "MOMO_JWT_SECRET=swordfish",
    secret: "swordfish",
    left: "MOMO_JWT_",
  },
  "credentials file": { text: "aws_secret_access_key = wJalr/K7", secret: "wJalr/K7", left: "aws_" },
  "Azure key": { text: "AccountKey=abcd12==;E=core", secret: "abcd12==", left: ";E=core" },
  "command line": { text: "tool --api-key sw0rd --verbose", secret: "sw0rd", left: " --verbose" },
  JSON: { text: '{"password": "blow\\"fish", "a": 1}', secret: "fish", left: '"a": 1' },
  "JSON in JSON": {
    text: '"{\\"client_secret\\":\\"blow\\\\\\"fish\\",\\"b\\":1}"',
    secret: "fish",
    left: '\\"b\\":1',
  },
  YAML: { text: "password: swordfish\nuser: ann", secret: "swordfish", left: "\nuser: ann" },
  "Discord webhook": {
    text: `https://discord.com/api/webhooks/1234567890/${letters(40)}`,
    secret: letters(40),
    left: "https://discord.com/api/webhooks/",
  },
  "header in JSON in JSON": { text: '"{\\"cookie\\":\\"a=b\\"}"', secret: "a=b", left: '\\"}"' },
  "single quotes": { text: "{ password: 'blow\\'fish', a: 1 }", secret: "fish", left: "', a: 1 }" },
  "Slack webhook": {
    text: `https://hooks.slack.com/services/T0/B0/${letters(24)}`,
    secret: letters(24),
    left: "https://hooks.slack.com/services/",
  },
};

test.each(Object.entries(shapes))("%s", (_, { text, secret }) => {
  expect(redactText(text)).toBe(REDACTED);
  if (!text.startsWith("PuTTY"))
    expect(redactText(`it said "${text}", then`)).toBe(`it said "${REDACTED}", then`);
  expect(redactText(`${text} ${text}`)).not.toContain(secret);
});

test.each(Object.entries(around))("%s", (_, { text, secret, left }) => {
  const safe = redactText(text);
  expect(safe).toContain(REDACTED);
  expect(safe).toContain(left);
  expect(safe).not.toContain(secret);
  expect(redactText(safe)).toBe(safe);
});

test.each([
  "GET /entries/src%2Fmain.ts 200",
  "momo_search_request_duration_seconds_bucket and momo_http_requests_total",
  "Unexpected token } in JSON at position 4",
  "Bearer authentication is needed; basic authentication is not enough",
  "key:ab12 wrote 3 entries, 120 tokens of 200",
  "password, secret and token are names",
  "sk-learn-like-names-are-no-keys and task-force-of-many-people",
  "https://example.com:8080/path@2x.png and mailto:ann@example.com",
  "a === b, token == null, password => hash(password)",
  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
])("is left as it is: %s", (text) => {
  expect(redactText(text)).toBe(text);
});

// A pattern that takes quadratic time would need minutes for one of these.
test.each([
  "eyJaaaaaaaa",
  "eyJ-",
  "sk-",
  "momo_abcd_",
  "-----BEGIN PRIVATE KEY-----",
  "-",
  "://a:",
  "://a:b",
  "a",
  "password=",
  'password:"',
  '"password":"',
  "--token ",
  "--a-",
  "bearer ",
  "basic a",
  "x-api-key: ",
  "SG.",
  "authorization:",
  "SG.aaaaaaaaaaaaaaaaaaaa",
  "1//0",
  "dp.pt.",
  "glpat-",
  '\\"',
  '"cookie":["',
  "1:AA",
  " ",
  "token =",
  "secret: ",
  "://aaaaaaaaaaaaaaaaaaaaA",
  "https://discord.com/api/webhooks/",
  '"password":"\\n',
])("takes a million characters of %j", (unit) => {
  const text = unit.repeat(2 ** 20 / unit.length);
  expect(redactText(text).length).toBeGreaterThan(0);
});

test("of a text that is too long nothing is kept that was not looked at", () => {
  const secret = shapes["GitHub token"]!.text;
  const text = `${"x ".repeat(2 ** 19 - 10)}${secret}${" y".repeat(2 ** 23)}`;
  const safe = redactText(text);
  expect(safe).not.toContain(secret.slice(0, 8));
  expect(safe.endsWith(" characters]")).toBe(true);
  expect(safe.length).toBeLessThan(2 ** 20);
});

test.each([
  "password",
  "db_password",
  "passwordHash",
  "Authorization",
  "proxy-authorization",
  "cookie",
  "set-cookie",
  "api_key",
  "apiKey",
  "apikey",
  "X-Api-Key",
  "key",
  "client_secret",
  "clientSecret",
  "token",
  "accessToken",
  "access_token",
  "--token",
  "jwt",
  "MOMO_ENCRYPTION_KEY",
  "credentials",
  "secrets",
  "signature",
  "pwd",
])("%s is the name of a secret", (name) => {
  expect(isSecretName(name)).toBe(true);
});

test.each([
  "key_id",
  "tokens",
  "input_tokens",
  "max_tokens",
  "token_count",
  "keyboard",
  "monkey",
  "author",
  "path",
  "principal",
  "agent",
  "session",
  "request_id",
  "",
  "--",
  "keys_checked",
  "tokenizer",
  "secretary",
])("%s is not", (name) => {
  expect(isSecretName(name)).toBe(false);
});
