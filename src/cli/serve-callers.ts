/** Who calls a server: the owner of a key or token or, where there is neither, whoever can reach this machine. */
import type { IncomingHttpHeaders } from "node:http";
import { localCaller } from "../commands/who.ts";
import { jwtSecret } from "../config/config.ts";
import type { Settings } from "../config/settings.ts";
import { createIdentify } from "../security/identify.ts";
import { openKeys } from "../security/keys.ts";
import { openTokens } from "../security/tokens.ts";
import type { Caller } from "../service/service.ts";

export interface Callers {
  /** The first key that is made closes a server that runs. */
  needsKeys(): boolean;
  /** Raises UNAUTHORIZED, KEYS_UNREADABLE. */
  authenticate(headers: IncomingHttpHeaders, address: string): Promise<Caller>;
}

interface CallersOptions {
  /** Where the keys lie. */
  home: string;
  settings: Settings;
  /** Told why somebody was refused. */
  on_refusal(why: string): void;
}

/** Raises CONFIG_INVALID, OFFLINE, KEYS_UNREADABLE. */
export function openCallers({ home, settings, on_refusal }: CallersOptions): Callers {
  const { jwt_algorithm, jwt_keys, jwt_issuer, jwt_audience, offline } = settings;
  const keys = openKeys(home);
  const tokens = openTokens({
    algorithm: jwt_algorithm,
    keys: jwt_keys,
    issuer: jwt_issuer,
    audience: jwt_audience,
    offline,
    secret: jwtSecret(),
  });
  const identify = createIdentify({ keys, tokens, on_refusal });
  const local = { ...localCaller({ env: process.env }), grants: { "*": "admin" } } as const;
  let needed = tokens !== undefined;
  // Keys that are gone do not open it again.
  const needsKeys = (): boolean => {
    needed ||= !keys.isEmpty();
    return needed;
  };
  return {
    needsKeys,
    authenticate: async ({ authorization }, address) =>
      needsKeys() ? { ...(await identify(authorization)), address } : local,
  };
}
