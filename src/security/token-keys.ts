/**
 * With what tokens are checked: a secret, or public keys from a file or an address. Decided once, when a server
 * starts; what cannot be safe is an error then. Used by tokens.ts.
 */
import { resolve } from "node:path";
import { createLocalJWKSet, createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from "jose";
import { MomoError } from "../errors.ts";
import { isLoopbackHost } from "./hosts.ts";
import { readPublic, stampOf } from "./private-file.ts";

export interface TokenKeySettings {
  /** The one algorithm: HS256, HS384, HS512, RS256, PS256, ES256 or EdDSA. */
  algorithm: string;
  /** Of MOMO_JWT_SECRET. */
  secret?: string | undefined;
  /** A file with a JWKS, or an address of one; empty for none. */
  keys: string;
  /** Nothing beyond this machine may be asked. */
  offline: boolean;
  /** What a relative file is relative to; default the current folder. */
  folder?: string;
}

/** RFC 7518: the key is at least as long as the hash. */
const secretBytes: Readonly<Record<string, number>> = { HS256: 32, HS384: 48, HS512: 64 };
const MAX_BYTES = 2 ** 20;
const TIMEOUT_MS = 5000;

function invalid(key: string, value: string, allowed: string): MomoError {
  const source = key.startsWith("MOMO_") ? "the environment" : "the settings";
  return new MomoError("CONFIG_INVALID", { key, value, source, allowed });
}

function secretKey({ algorithm, secret, keys }: TokenKeySettings): Uint8Array | undefined {
  if (keys !== "")
    throw invalid(
      "jwt_keys",
      `set together with ${algorithm}`,
      "empty, or jwt_algorithm one with public keys",
    );
  if (secret === undefined) return undefined;
  const bytes = new TextEncoder().encode(secret);
  const least = secretBytes[algorithm]!;
  if (bytes.length < least)
    throw invalid(
      "MOMO_JWT_SECRET",
      `only ${bytes.length} bytes long`,
      `at least ${least} bytes for ${algorithm}`,
    );
  return bytes;
}

/** Read again when the file has changed: keys are rotated without a restart. */
function fileKeys(file: string): JWTVerifyGetKey {
  let stamp: string | undefined;
  let find: JWTVerifyGetKey | undefined;
  const read = (): JWTVerifyGetKey => {
    const current = stampOf(file);
    if (find === undefined || current !== stamp) {
      find = createLocalJWKSet(JSON.parse(readPublic(file)));
      stamp = current;
    }
    return find;
  };
  try {
    read();
  } catch (error) {
    throw invalid("jwt_keys", file, `a file with a JSON Web Key Set (${(error as Error).message})`);
  }
  return (header, token) => read()(header, token);
}

/** The body of an answer, refused as soon as it is larger than any list of keys. */
async function limited(response: Response): Promise<Response> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    length += part.length;
    if (length > MAX_BYTES) throw new Error("the list of keys is larger than 1 MB");
    parts.push(part);
  }
  return new Response(Buffer.concat(parts), { status: response.status });
}

/** Fetched when it is first needed, kept for ten minutes, and asked again for an unknown key at most every 30 s. */
function remoteKeys(url: URL, offline: boolean): JWTVerifyGetKey {
  const isHere = isLoopbackHost(url.hostname);
  if (url.username || url.password) throw invalid("jwt_keys", "an address with a password", "one without");
  if (url.protocol !== "https:" && !isHere)
    throw invalid("jwt_keys", url.origin, "an https address: over http anybody between could put in a key");
  if (offline && !isHere) throw new MomoError("OFFLINE", { url: url.origin });
  return createRemoteJWKSet(url, {
    timeoutDuration: TIMEOUT_MS,
    [customFetch]: async (address, options) => limited(await fetch(address, options as RequestInit)),
  });
}

function publicKeys({ algorithm, secret, keys, offline, folder = "." }: TokenKeySettings) {
  if (secret !== undefined)
    throw invalid("MOMO_JWT_SECRET", `set together with ${algorithm}`, "unset, or jwt_algorithm HS256");
  if (keys === "") return undefined;
  if (/^https?:/i.test(keys)) {
    if (!URL.canParse(keys)) throw invalid("jwt_keys", keys, "a file or an https address");
    return remoteKeys(new URL(keys), offline);
  }
  return fileKeys(resolve(folder, keys));
}

/** Undefined where no tokens are used. Raises CONFIG_INVALID, OFFLINE. */
export function tokenKeys(settings: TokenKeySettings): JWTVerifyGetKey | undefined {
  if (!Object.hasOwn(secretBytes, settings.algorithm)) return publicKeys(settings);
  const secret = secretKey(settings);
  return secret && (async () => secret);
}
