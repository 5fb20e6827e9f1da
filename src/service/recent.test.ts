import { expect, test } from "vitest";
import { createRecent } from "./recent.ts";
import type { Reply } from "./service.ts";

function subject() {
  const world = { now: 0, state: "1" as string | undefined, asked: 0 };
  const waiting: { resolve: (reply: Reply) => void; signal: AbortSignal }[] = [];
  const recent = createRecent(() => world.now);
  const ask = (key = "k", signal?: AbortSignal): Promise<Reply> =>
    recent.of({ key, state: () => world.state, signal }, (own) => {
      world.asked++;
      return new Promise((resolve, reject) => {
        waiting.push({ resolve, signal: own });
        own.addEventListener("abort", () => reject(new Error("given up")));
      });
    });
  const answer = async (json = "{}"): Promise<void> => {
    for (const { resolve } of waiting.splice(0)) resolve({ json, failed: false });
    await new Promise(setImmediate);
  };
  return { world, waiting, ask, answer };
}

test("who asks the same at once waits for one answer, and who asks a moment later gets it again", async () => {
  const { world, ask, answer } = subject();
  const both = [ask(), ask()];
  await answer("1");
  expect((await Promise.all(both)).map(({ json }) => json)).toEqual(["1", "1"]);
  expect(await ask()).toEqual({ json: "1", failed: false, cached: true });
  expect(world.asked).toBe(1);
  world.now = 1000;
  const later = ask();
  await answer("2");
  expect((await later).json).toBe("2");
  expect(world.asked).toBe(2);
});

test("after a write nothing old is given, whenever it happened", async () => {
  const { world, ask, answer } = subject();
  const first = ask();
  world.state = "2";
  const second = ask();
  expect(world.asked).toBe(2);
  await answer();
  await Promise.all([first, second]);
  // The first was begun before the write.
  const third = ask();
  expect(world.asked).toBe(2);
  await third;
  world.state = "3";
  const fourth = ask();
  expect(world.asked).toBe(3);
  await answer();
  await fourth;
});

test("while nobody knows the state, nothing is shared or kept", async () => {
  const { world, ask, answer } = subject();
  world.state = undefined;
  const both = [ask(), ask()];
  expect(world.asked).toBe(2);
  await answer();
  await Promise.all(both);
  void ask();
  expect(world.asked).toBe(3);
});

test("who leaves hears that at once; the work is given up when all have left", async () => {
  const { ask, waiting, answer } = subject();
  const [one, two] = [new AbortController(), new AbortController()];
  const first = ask("k", one.signal);
  const second = ask("k", two.signal);
  one.abort();
  await expect(first).rejects.toMatchObject({ code: "CANCELLED" });
  expect(waiting[0]!.signal.aborted).toBe(false);
  await answer("1");
  expect((await second).json).toBe("1");
  const third = ask("other", two.signal);
  two.abort();
  await expect(third).rejects.toMatchObject({ code: "CANCELLED" });
  expect(waiting[0]!.signal.aborted).toBe(true);
});
