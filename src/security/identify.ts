/**
 * Who sent a request, by the key or token in its Authorization header. Whatever is wrong with it, the caller gets one
 * and the same answer; the reason is for the server's log. Used where a server is put together.
 */
import { MomoError } from "../errors.ts";
import type { KeyRefusal, Keys } from "./keys.ts";
import type { Grants } from "./roles.ts";
import { looksLikeToken, type TokenRefusal, type Tokens } from "./tokens.ts";

export interface Identity {
  /** `key:<id>` or `token:<subject>`. */
  principal: string;
  /** The name of what it writes: the key's, or `token:<subject>`. */
  agent: string;
  grants: Grants;
}

export interface IdentifyOptions {
  keys: Keys;
  tokens: Tokens | undefined;
  /** Told why, before the request is refused; never with what was sent. */
  on_refusal?: (why: KeyRefusal | TokenRefusal | "missing") => void;
}

/** The longest token, and the word before it. */
const MAX_HEADER = 8300;
const BEARER = /^bearer +(\S+) *$/i;

/** The key or token; undefined where the header holds none. */
function credentialOf(authorization: string | undefined): string | undefined {
  if (authorization === undefined || authorization.length > MAX_HEADER) return undefined;
  return BEARER.exec(authorization)?.[1];
}

/** No key has such a name, and no subject becomes another's by a slash in it: `ci/x` is an agent of the key `ci`. */
const tokenAgent = (subject: string): string => `token:${encodeURIComponent(subject)}`;

/** Returns a function that raises UNAUTHORIZED, or KEYS_UNREADABLE where nobody can be let in. */
export function createIdentify({ keys, tokens, on_refusal }: IdentifyOptions) {
  function refuse(why: KeyRefusal | TokenRefusal | "missing"): never {
    on_refusal?.(why);
    const said = why === "missing" ? "no key or token came with this" : "the key or token is not good";
    throw new MomoError("UNAUTHORIZED", { why: said });
  }

  return async (authorization: string | undefined): Promise<Identity> => {
    const text = credentialOf(authorization) ?? refuse("missing");
    if (tokens && looksLikeToken(text)) {
      const found = await tokens.verify(text);
      if (typeof found === "string") return refuse(found);
      const { subject, grants } = found;
      return { principal: `token:${subject}`, agent: tokenAgent(subject), grants };
    }
    const found = keys.verify(text);
    if (typeof found === "string") return refuse(found);
    return { principal: `key:${found.id}`, agent: found.name, grants: found.grants };
  };
}
