import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkBind, type HostSettings, hostPolicy, isLoopbackHost } from "./hosts.ts";

const local: HostSettings = { bound: "127.0.0.1", allowed_hosts: [], allowed_origins: [] };
const policyOf = (change: Partial<HostSettings> = {}) => hostPolicy({ ...local, ...change });

const refusesHost = (values: string[], change: Partial<HostSettings> = {}, address?: string): void =>
  expect(() => policyOf(change).checkHost(values, address), String(values)).toThrow(
    expect.objectContaining({ code: "HOST_REFUSED" }),
  );
const takesHost = (value: string, change: Partial<HostSettings> = {}, address?: string): void =>
  expect(() => policyOf(change).checkHost([value], address), value).not.toThrow();

describe("Host", () => {
  test.each([
    "localhost",
    "LOCALHOST:8000",
    "127.0.0.1",
    "127.0.0.1:1",
    "127.8.9.10:65535",
    "[::1]",
    "[::1]:8000",
    "[0:0:0:0:0:0:0:1]:80",
    "[::ffff:127.0.0.1]:80",
  ])("%s is this machine", (host) => takesHost(host));

  const strangers = [
    "evil.example",
    "evil.example:8000",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "127.0.0.1.nip.io",
    "notlocalhost",
    "localhost.",
    "xlocalhost",
    "localhost.localdomain",
    "10.0.0.1",
    "192.168.1.5:8000",
    "0.0.0.0",
    "169.254.169.254",
    "[::]",
    "[fe80::1]",
    "[::2]:8000",
    "[::ffff:10.0.0.1]",
    "[::1",
    "::1",
    "::1:8000",
    "[127.0.0.1]",
    "[localhost]",
    "[::1%lo]",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "127.0.0.01",
    "127.0.0.256",
    "127.0.0.1.1",
  ];
  const tricks = [
    "",
    " ",
    "localhost ",
    " localhost",
    "localhost:",
    "localhost:99999",
    "localhost:-1",
    "localhost:80:80",
    "localhost:8a",
    "localhost/",
    "localhost/evil",
    "localhost@evil.example",
    "evil.example@localhost",
    "evil.example#localhost",
    "localhost?",
    "localhost,evil.example",
    "localhost\tevil",
    "localhost\r\nX: y",
    "localhost\0",
    "loc\u0430lhost",
    "ｌocalhost",
    "http://localhost",
    "//localhost",
    "*",
    "*.localhost",
    "-localhost",
    "localhost..",
    ".localhost",
    "a".repeat(300),
    "%6c%6f%63alhost",
    "null",
    "undefined",
  ];
  test.each([...strangers, ...tricks].map((host) => [host]))("%j is refused", (host) => refusesHost([host]));

  test("none and several are refused, also the same twice", () => {
    refusesHost([]);
    refusesHost(["localhost", "evil.example"]);
    refusesHost(["localhost", "localhost"]);
  });

  test("further names and the address that is listened on are taken, with any port", () => {
    const more = {
      bound: "192.168.1.5",
      allowed_hosts: ["momo.example", "10.9.8.7", "[fd00::1]", "fd00::2"],
    };
    for (const host of ["192.168.1.5:8000", "MOMO.example", "momo.example:443", "10.9.8.7:1"])
      takesHost(host, more);
    for (const host of ["[fd00::1]", "[fd00:0:0::2]:9"]) takesHost(host, more);
    for (const host of ["192.168.1.6", "x.momo.example", "momo.example.evil", "[fd00::3]"])
      refusesHost([host], more);
  });

  test("listening everywhere, the address that a connection came in on is ours, and no name is", () => {
    for (const bound of ["0.0.0.0", "::", ""]) {
      takesHost("10.1.2.3:8000", { bound }, "10.1.2.3");
      takesHost("10.1.2.3:8000", { bound }, "::ffff:10.1.2.3");
      takesHost("[fd00::1]:8000", { bound }, "fd00::1");
      refusesHost(["10.1.2.4:8000"], { bound }, "10.1.2.3");
      refusesHost(["evil.example"], { bound }, "10.1.2.3");
      refusesHost(["0.0.0.0"], { bound }, "10.1.2.3");
      refusesHost(["10.1.2.3"], { bound });
    }
    refusesHost(["10.1.2.3"], { bound: "127.0.0.1" }, "10.1.2.3");
  });

  test("rebinding: whatever name an attacker owns, it is refused", () => {
    const label = fc.stringMatching(/^[a-z0-9]{1,12}$/);
    fc.assert(
      fc.property(fc.array(label, { minLength: 1, maxLength: 4 }), fc.nat(65_535), (labels, port) => {
        const name = [...labels, "com"].join(".");
        refusesHost([name]);
        refusesHost([`${name}:${port}`]);
        refusesHost([`localhost.${name}`]);
        refusesHost([`127.0.0.1.${name}`]);
      }),
    );
  });

  test("the message repeats nothing that could break a line or a terminal", () => {
    expect(() => policyOf().checkHost(["a\r\nSet-Cookie: x\u001b[2J"])).toThrow(/^[\x20-\x7e]+$/);
  });

  test.each(["*", "*.example", "momo.example:80", "http://momo.example", "a/b", "", "a b", "a,b"])(
    "the setting allowed_hosts is not %j",
    (host) => {
      expect(() => policyOf({ allowed_hosts: [host] })).toThrow(
        expect.objectContaining({ code: "CONFIG_INVALID" }),
      );
    },
  );
});

describe("Origin", () => {
  const refuses = (values: string[], host = "localhost:8000", change: Partial<HostSettings> = {}): void =>
    expect(() => policyOf(change).checkOrigin(values, host), String(values)).toThrow(
      expect.objectContaining({ code: "ORIGIN_REFUSED" }),
    );
  const takes = (value: string, host = "localhost:8000", change: Partial<HostSettings> = {}): void =>
    expect(() => policyOf(change).checkOrigin([value], host), value).not.toThrow();

  test("none is no page; the server's own passes", () => {
    expect(() => policyOf().checkOrigin([], "localhost:8000")).not.toThrow();
    takes("http://localhost:8000");
    takes("HTTP://LOCALHOST:8000");
    takes("http://[::1]:8000", "[0:0:0:0:0:0:0:1]:8000");
    takes("http://127.0.0.1", "127.0.0.1:80");
    takes("https://momo.example", "momo.example", { allowed_hosts: ["momo.example"] });
  });

  test.each(
    [
      "null",
      "NULL",
      "",
      " ",
      "*",
      "http://evil.example",
      "https://evil.example:8000",
      "http://localhost",
      "http://localhost:3000",
      "http://localhost:80000",
      "http://localhost:8000/",
      "http://localhost:8000/x",
      "http://localhost:8000.evil.example",
      "http://evil.example#localhost:8000",
      "http://a@localhost:8000",
      "http://localhost:8000 http://evil.example",
      "http://localhost:8000,null",
      "localhost:8000",
      "file://",
      "file:///",
      "data:text/html",
      "javascript://localhost:8000",
      "chrome-extension://abc",
      "http://127.0.0.1:8000",
      "http://loc\u0430lhost:8000",
      "http://localhost:8000\n",
      "http:\\\\localhost:8000",
      "http://",
      "://localhost:8000",
      "http:localhost:8000",
      `http://${"a".repeat(400)}`,
      "ws://localhost:8000",
    ].map((origin) => [origin]),
  )("%j is refused", (origin) => refuses([origin]));

  test("several are refused", () => refuses(["http://localhost:8000", "http://localhost:8000"]));

  test("other pages pass where the setting names them, exactly", () => {
    const change = {
      allowed_origins: ["https://App.example", "http://localhost:3000", "chrome-extension://abc"],
    };
    for (const origin of ["https://app.example", "https://app.example:443", "http://localhost:3000"])
      takes(origin, "localhost:8000", change);
    takes("chrome-extension://abc", "localhost:8000", change);
    for (const origin of ["http://app.example", "https://app.example:8443", "https://x.app.example"])
      refuses([origin], "localhost:8000", change);
    refuses(["https://app.example.evil"], "localhost:8000", change);
    refuses(["null"], "localhost:8000", change);
  });

  test.each(["*", "https://*", "https://*.example", "null", "example.com", "https://a/b", "https://", "a b"])(
    "the setting allowed_origins is not %j",
    (origin) => {
      expect(() => policyOf({ allowed_origins: [origin] })).toThrow(
        expect.objectContaining({ code: "CONFIG_INVALID" }),
      );
    },
  );
});

describe("where it may listen without keys", () => {
  const names: Readonly<Record<string, string[]>> = {
    localhost: ["::1", "127.0.0.1"],
    "here.example": ["127.0.0.1"],
    "both.example": ["127.0.0.1", "10.0.0.1"],
    "lan.example": ["192.168.1.5"],
    "mapped.example": ["::ffff:127.0.0.1"],
    "0": ["0.0.0.0"],
    "nothing.example": [],
  };
  const resolve = async (name: string) => {
    const found = names[name];
    if (!found) throw new Error("ENOTFOUND");
    return found.map((address) => ({ address }));
  };
  const bind = (host: string, hasKeys = false) => checkBind(host, { hasKeys, resolve });

  test.each([
    ["127.0.0.1", "127.0.0.1"],
    ["127.9.9.9", "127.9.9.9"],
    ["::1", "::1"],
    ["[::1]", "::1"],
    ["localhost", "::1"],
    ["here.example", "127.0.0.1"],
    ["mapped.example", "::ffff:127.0.0.1"],
  ])("%s is this machine", async (host, address) => {
    expect(await bind(host)).toBe(address);
  });

  test.each([
    "0.0.0.0",
    "::",
    "[::]",
    "",
    "0",
    "192.168.1.5",
    "10.0.0.1",
    "fe80::1",
    "::ffff:10.0.0.1",
    "both.example",
    "lan.example",
    "nothing.example",
    "unknown.example",
    "*",
  ])("%j needs keys", async (host) => {
    await expect(bind(host)).rejects.toMatchObject({
      code: "BIND_WITHOUT_KEYS",
      message: expect.stringContaining("momo keys create"),
    });
    expect(await bind(host, true)).toBe(host.replace(/[[\]]/g, ""));
  });

  test("a name that points here and elsewhere by turns is listened on where it was looked at", async () => {
    let turn = 0;
    const flipping = async () => [{ address: turn++ === 0 ? "127.0.0.1" : "10.0.0.1" }];
    expect(await checkBind("flip.example", { hasKeys: false, resolve: flipping })).toBe("127.0.0.1");
    await expect(checkBind("flip.example", { hasKeys: false, resolve: flipping })).rejects.toThrow();
  });

  test("localhost by the real resolver", async () => {
    expect(isLoopbackHost(await checkBind("localhost", { hasKeys: false }))).toBe(true);
  });
});

test.each([
  ["localhost", true],
  ["127.0.0.1", true],
  ["[::1]", true],
  ["::1", true],
  ["::ffff:127.0.0.1", true],
  ["::ffff:7f00:1", true],
  ["127.0.0.1.evil.example", false],
  ["localhost.evil.example", false],
  ["10.0.0.1", false],
  ["::", false],
  ["", false],
])("isLoopbackHost(%j) is %s", (host, expected) => expect(isLoopbackHost(host)).toBe(expected));
