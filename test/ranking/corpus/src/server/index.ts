export { rateLimit } from "./rate-limit";
export { Router } from "./router";
export { SessionStore } from "./session";
export type { Handler, Middleware, Request, Response } from "./types";
