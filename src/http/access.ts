/** Who calls, and whether that one calls too often. What a caller may do is the service's matter. */
import rateLimit from "@fastify/rate-limit";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { MomoError } from "../errors.ts";
import type { Caller } from "../service/service.ts";
import { FAILURES } from "./limits.ts";
import type { HttpOptions } from "./options.ts";
import { rateLimited } from "./problem.ts";

const MINUTE = 60_000;

export interface Access {
  /** Raises RATE_LIMITED. */
  countAddress(request: FastifyRequest): Promise<void>;
  /** Raises UNAUTHORIZED, RATE_LIMITED. */
  callerOf(request: FastifyRequest): Promise<Caller>;
}

type Limiter = ReturnType<FastifyInstance["createRateLimit"]>;

const addressOf = (request: FastifyRequest): string => request.socket.remoteAddress ?? "";

async function authenticated(request: FastifyRequest, options: HttpOptions): Promise<Caller> {
  try {
    request.caller = await options.authenticate(request.headers, addressOf(request));
    return request.caller;
  } catch (error) {
    if (error instanceof MomoError && error.code === "UNAUTHORIZED") options.metrics?.authFailed();
    throw error;
  }
}

const unlimited = (options: HttpOptions): Access => ({
  countAddress: async () => undefined,
  callerOf: (request) => authenticated(request, options),
});

/** Without keys everybody is the local user, whom nothing is gained by limiting. Raises RATE_LIMITED. */
async function use(
  limiter: Limiter,
  request: FastifyRequest,
  { options, increment = true }: { options: HttpOptions; increment?: boolean },
): Promise<void> {
  if (!options.needsKeys()) return;
  const limit = await limiter(request, { increment });
  if (limit.isAllowed || !limit.isExceeded) return;
  options.metrics?.rateLimited();
  throw rateLimited(Math.max(1, limit.ttlInSeconds));
}

function limiters(app: FastifyInstance, most: number) {
  const each = { timeWindow: MINUTE, cache: 10_000 };
  const failures = Math.max(FAILURES.least, Math.floor(most * FAILURES.share));
  return {
    byAddress: app.createRateLimit({ ...each, max: most, keyGenerator: addressOf }),
    byKey: app.createRateLimit({
      ...each,
      max: most,
      keyGenerator: ({ caller }: FastifyRequest) => caller?.principal ?? "",
    }),
    failed: app.createRateLimit({ ...each, max: failures, keyGenerator: addressOf }),
  };
}

/** Registers the plugin; await it before routes are added. */
export async function createAccess(app: FastifyInstance, options: HttpOptions): Promise<Access> {
  const most = options.settings.rate_limit;
  if (most === 0) return unlimited(options);
  await app.register(rateLimit, { global: false });
  const { byAddress, byKey, failed } = limiters(app, most);
  const authenticate = async (request: FastifyRequest): Promise<Caller> => {
    await use(failed, request, { options, increment: false });
    try {
      return await authenticated(request, options);
    } catch (error) {
      await failed(request);
      throw error;
    }
  };
  return {
    countAddress: (request) => use(byAddress, request, { options }),
    async callerOf(request) {
      const caller = await authenticate(request);
      await use(byKey, request, { options });
      return caller;
    },
  };
}
