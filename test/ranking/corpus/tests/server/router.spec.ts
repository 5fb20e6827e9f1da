import { describe, expect, it } from "vitest";
import { Router } from "../../src/server/router";

describe("Router", () => {
  it("resolves a route with a captured segment", () => {
    const handler = async () => ({ status: 200, headers: {} });
    const router = new Router().add("GET", "/products/:id", handler);
    expect(router.resolve({ method: "GET", path: "/products/7", headers: {} })).toBe(handler);
  });

  it("resolves nothing for an unknown route", () => {
    expect(new Router().resolve({ method: "GET", path: "/", headers: {} })).toBeUndefined();
  });
});
