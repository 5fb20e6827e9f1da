import type { Handler, Request } from "./types";

interface Route {
  method: string;
  segments: string[];
  handler: Handler;
}

/** Matches a request to the handler of the most specific route. */
export class Router {
  private readonly routes: Route[] = [];

  /** Registers a handler; `:name` in the pattern captures one segment. */
  add(method: string, pattern: string, handler: Handler): this {
    this.routes.push({ method, segments: pattern.split("/"), handler });
    return this;
  }

  /** Finds the handler for a URL, or undefined when nothing matches. */
  resolve(request: Request): Handler | undefined {
    const wanted = request.path.split("/");
    return this.routes.find(
      (route) =>
        route.method === request.method &&
        route.segments.length === wanted.length &&
        route.segments.every((segment, i) => segment.startsWith(":") || segment === wanted[i]),
    )?.handler;
  }
}
