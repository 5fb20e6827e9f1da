import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { openKeys } from "./keys.ts";
import { startChild, temporaryHome } from "./processes.fixture.ts";

describe("several processes", () => {
  test("two that make keys at once lose none", async () => {
    const home = temporaryHome();
    const script = (name: string): string => `
      const keys = openKeys(home);
      for (let i = 0; i < 20; i++) say(keys.create({ name: "${name}" + i, grants: { "*": "reader" } }).key);
    `;
    const children = ["a", "b"].map((name) => startChild(home, script(name)));
    const made = (await Promise.all(children.map(({ ended }) => ended))).flat();
    expect(made).toHaveLength(40);
    const keys = openKeys(home);
    expect(keys.list()).toHaveLength(40);
    for (const key of made) expect(typeof keys.verify(key)).toBe("object");
  });

  test("a change by another is seen by the next request, however fast they follow each other", async () => {
    const home = temporaryHome();
    const server = openKeys(home);
    const other = openKeys(home);
    for (let i = 0; i < 30; i++) {
      const { key, record } = other.create({ name: `k${i}`, grants: { "*": "writer" } });
      expect(typeof server.verify(key)).toBe("object");
      other.revoke(record.id);
      expect(server.verify(key)).toBe("revoked");
    }
  });

  test("one that is killed while it writes leaves the keys it said it made, and no lock", async () => {
    const home = temporaryHome();
    const made: string[] = [];
    for (let round = 0; round < 6; round++) {
      const child = startChild(
        home,
        `const keys = openKeys(home);
         for (let i = 0; ; i++) say(keys.create({ name: "r${round}-" + i, grants: { "*": "reader" } }).key);`,
      );
      await child.said(3 + round * 2);
      child.process.kill("SIGKILL");
      made.push(...(await child.ended));
    }
    const keys = openKeys(home);
    for (const key of made) expect(typeof keys.verify(key)).toBe("object");
    keys.create({ name: "after", grants: { "*": "writer" } });
    // At most the one that was being made when it was killed.
    expect(keys.list().length - made.length - 1).toBeLessThanOrEqual(6);
    expect(readdirSync(home).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });
});
