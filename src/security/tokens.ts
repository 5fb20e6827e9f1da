/**
 * Tokens that somebody else signed (JWT): checked with one pinned algorithm, so that no token chooses how it is
 * checked. Who it is for, until when and what it grants must all be said; what is not understood grants nothing.
 * Used by the surfaces that authenticate.
 */
import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from "jose";
import { isGrants, isRole } from "./key-file.ts";
import { isOwnName, isPlainLine } from "./names.ts";
import type { Grants } from "./roles.ts";
import { type TokenKeySettings, tokenKeys } from "./token-keys.ts";

export interface TokenSettings extends TokenKeySettings {
  /** What `iss` must be; empty for anything. */
  issuer: string;
  /** What `aud` must be or hold. */
  audience: string;
}

export interface TokenGrant {
  subject: string;
  grants: Grants;
  /** ISO 8601. */
  expires_at: string;
}

/**
 * Why a token is refused: for the log, never for the caller. `keys` means that the public keys could not be had, which
 * is nobody's fault who calls.
 */
export type TokenRefusal =
  | "too long"
  | "malformed"
  | "algorithm"
  | "signature"
  | "keys"
  | "expired"
  | "not yet valid"
  | "issuer"
  | "audience"
  | "claims";

export interface Tokens {
  /** `now` in milliseconds since 1970. */
  verify(text: string, now?: number): Promise<TokenGrant | TokenRefusal>;
}

const MAX_BYTES = 8192;
const LEEWAY_SECONDS = 5;
const FORM = /^[\w-]+\.[\w-]+\.[\w-]+$/;
const claims: Readonly<Record<string, TokenRefusal>> = {
  iss: "issuer",
  aud: "audience",
  nbf: "not yet valid",
};

/** Whether a text is meant as a token rather than a key. */
export const looksLikeToken = (text: string): boolean => FORM.test(text.slice(0, MAX_BYTES + 1));

function refusalOf(error: unknown): TokenRefusal {
  if (error instanceof errors.JWTExpired) return "expired";
  if (error instanceof errors.JWTClaimValidationFailed)
    return error.reason === "check_failed" ? (claims[error.claim] ?? "claims") : "claims";
  if (error instanceof errors.JOSEAlgNotAllowed) return "algorithm";
  if (error instanceof errors.JWSSignatureVerificationFailed) return "signature";
  if (error instanceof errors.JWKSNoMatchingKey) return "signature";
  if (error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid) return "malformed";
  if (error instanceof errors.JOSENotSupported) return "malformed";
  return "keys";
}

/** `momo` by workspace or, without it, `role` in all of them. */
function grantsOf({ momo, role }: JWTPayload): Grants | undefined {
  if (momo !== undefined) return isGrants(momo) ? momo : undefined;
  return isRole(role) ? { "*": role } : undefined;
}

function readClaims(payload: JWTPayload): TokenGrant | undefined {
  const { sub: subject, exp } = payload;
  const grants = grantsOf(payload);
  const isNamed = typeof subject === "string" && isPlainLine(subject, 200) && !isOwnName(subject);
  // A number that JSON can hold and a date cannot: it would never expire.
  const isDated = typeof exp === "number" && exp >= 0 && exp <= 8.64e12;
  if (!isNamed || !isDated || grants === undefined) return undefined;
  return { subject, grants, expires_at: new Date(exp * 1000).toISOString() };
}

/** Several keys of a list may have no name: the token is good when one of them signed it. */
async function verifyWithAny(text: string, keys: JWTVerifyGetKey, options: object): Promise<JWTPayload> {
  try {
    return (await jwtVerify(text, keys, options)).payload;
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    for await (const key of error) {
      try {
        return (await jwtVerify(text, key, options)).payload;
      } catch (fault) {
        if (!(fault instanceof errors.JWSSignatureVerificationFailed)) throw fault;
      }
    }
    throw new errors.JWSSignatureVerificationFailed();
  }
}

/** Undefined where the settings name nothing that could sign. Raises CONFIG_INVALID, OFFLINE. */
export function openTokens(settings: TokenSettings): Tokens | undefined {
  const keys = tokenKeys(settings);
  if (keys === undefined) return undefined;
  const { algorithm, issuer, audience } = settings;
  const expected = {
    algorithms: [algorithm],
    audience,
    clockTolerance: LEEWAY_SECONDS,
    ...(issuer !== "" && { issuer }),
  };
  return {
    async verify(text, now = Date.now()) {
      if (text.length > MAX_BYTES) return "too long";
      if (!FORM.test(text)) return "malformed";
      try {
        const payload = await verifyWithAny(text, keys, { ...expected, currentDate: new Date(now) });
        return readClaims(payload) ?? "claims";
      } catch (error) {
        return refusalOf(error);
      }
    },
  };
}
