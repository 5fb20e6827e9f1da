import { afterEach, expect, test, vi } from "vitest";
import { check, watchProcess } from "./health.ts";

afterEach(() => {
  vi.useRealTimers();
});

test("a part that works says so, how long it took, and what else it knows", async () => {
  expect(await check("store", async () => ({ entries: 7 }))).toEqual({
    name: "store",
    status: "ok",
    entries: 7,
    response_time_ms: expect.any(Number),
  });
});

test.each([
  ["raises at once", () => fail("disk I/O error")],
  ["raises later", async () => fail("disk I/O error")],
])("a part that %s is failed, and no error leaves", async (_, work) => {
  expect(await check("store", work)).toEqual({
    name: "store",
    status: "failed",
    response_time_ms: expect.any(Number),
    error: "disk I/O error",
  });
});

function fail(message: string): never {
  throw new Error(message);
}

test("an error says no secret", async () => {
  const { error } = await check("cache", () => fail("cannot reach redis://:swordfish@host"));
  expect(error).toBe("cannot reach redis://:[redacted]@host");
});

test("what a part says cannot pass for its name or status", async () => {
  expect(await check("store", () => ({ name: "other", status: "failed" }))).toMatchObject({
    name: "store",
    status: "ok",
  });
});

test("a part that does not answer has failed", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const asked = check("model", () => new Promise<never>(() => undefined));
  await vi.advanceTimersByTimeAsync(5_000);
  expect(await asked).toMatchObject({ status: "failed", error: "no answer within 5 s" });
});

test("an answer in time leaves no timer behind", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  await check("store", async () => ({}));
  expect(vi.getTimerCount()).toBe(0);
});

test("the process is measured", () => {
  const read = watchProcess();
  const { rss_bytes, cpu_seconds, uptime_seconds, event_loop_lag_ms } = read();
  expect(rss_bytes).toBeGreaterThan(10e6);
  expect(cpu_seconds).toBeGreaterThan(0.01);
  expect(uptime_seconds).toBeGreaterThan(0);
  expect(event_loop_lag_ms).toBeGreaterThanOrEqual(0);
});
