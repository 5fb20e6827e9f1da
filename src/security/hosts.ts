/**
 * By which names a server may be called, from which pages, and on which addresses it may listen without keys. A web
 * page can make a browser call any address of this machine, also by a name that it points here (DNS rebinding); what
 * the browser says in Host and Origin is what tells such a call. Used by the surfaces that listen.
 */
import { lookup } from "node:dns/promises";
import { isIP, isIPv4 } from "node:net";
import { MomoError } from "../errors.ts";

export interface HostSettings {
  /** The address or name that the server listens on. */
  bound: string;
  /** Further names, without a port. */
  allowed_hosts: readonly string[];
  /** Pages of other origins, as `https://example.com`. */
  allowed_origins: readonly string[];
}

export interface HostPolicy {
  /**
   * Raises HOST_REFUSED unless there is one Host and it is this server's. `values` are all that the request has;
   * `local` is the address that the connection came in on, for a server that listens on all of them.
   */
  checkHost(values: readonly string[], local?: string): void;
  /** Raises ORIGIN_REFUSED. Without an Origin it is no web page. `host` is the Host that passed. */
  checkOrigin(values: readonly string[], host: string): void;
}

/** A name or an address, in brackets where it is IPv6, and a port. Nothing else: no user, no path, no dot at the end. */
const HOST =
  /^((?:[a-z0-9_](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9_][a-z0-9_-]{0,62})*)|\[[0-9a-f:.]{2,45}\])(?::(\d{1,5}))?$/;
const ORIGIN = /^([a-z][a-z0-9+.-]{0,30}):\/\/([^/?#@\s*,\\]{1,260})$/;
const MAX_HOST = 260;
const WILDCARDS = new Set(["", "0.0.0.0", "::"]);
const defaultPorts: Readonly<Record<string, string>> = { http: "80", https: "443" };

interface Host {
  /** In lower case; IPv6 in its short form without brackets. */
  name: string;
  port: string | undefined;
}

/** `[0:0:0:0:0:0:0:1]` is `::1`. */
const shortAddress = (address: string): string =>
  URL.canParse(`http://[${address}]`) ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;

/** An address without brackets and zone, IPv4 in IPv6 as IPv4. */
function plainAddress(text: string): string {
  const bare = text.toLowerCase().replace(/^\[(.*)\]$/, "$1");
  const address = bare.replace(/%.*$/, "");
  if (isIP(address) !== 6) return bare;
  const short = shortAddress(address);
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(short) ?? [];
  if (high === undefined || low === undefined) return short;
  return [high, low]
    .map((half) => Number.parseInt(half, 16))
    .flatMap((half) => [half >> 8, half & 255])
    .join(".");
}

/** Whether a name or an address, with or without brackets, is this machine and nothing else. */
export function isLoopbackHost(host: string): boolean {
  const name = plainAddress(host);
  return name === "localhost" || name === "::1" || (isIPv4(name) && name.startsWith("127."));
}

function readHost(text: string): Host | undefined {
  if (text.length > MAX_HOST) return undefined;
  const [, name, port] = HOST.exec(text.toLowerCase()) ?? [];
  if (name === undefined || Number(port ?? 0) > 65_535) return undefined;
  if (name.startsWith("[") && isIP(name.slice(1, -1)) !== 6) return undefined;
  return { name: plainAddress(name), port };
}

/** What a message may repeat of what a stranger sent. */
const shown = (text: string): string => text.slice(0, 80).replace(/[^\x21-\x7e]/g, "?") || "nothing";

function readOrigin(text: string): { scheme: string; host: string } | undefined {
  const [, scheme, host] = ORIGIN.exec(text.toLowerCase()) ?? [];
  return scheme === undefined || host === undefined ? undefined : { scheme, host };
}

/** Without the port that its scheme implies. */
function plainOrigin(text: string): string | undefined {
  const origin = readOrigin(text);
  const port = origin && defaultPorts[origin.scheme];
  return (
    origin && `${origin.scheme}://${port ? origin.host.replace(new RegExp(`:${port}$`), "") : origin.host}`
  );
}

function invalid(key: string, value: string, allowed: string): MomoError {
  return new MomoError("CONFIG_INVALID", { key, value: shown(value), source: "the settings", allowed });
}

function allowedNames({ bound, allowed_hosts }: HostSettings): Set<string> {
  const names = allowed_hosts.map((text) => {
    const host = readHost(isIP(text) === 6 ? `[${text}]` : text);
    if (host === undefined || host.port !== undefined)
      throw invalid("allowed_hosts", text, "a list of host names without ports and wildcards");
    return host.name;
  });
  return new Set(WILDCARDS.has(bound) ? names : [...names, plainAddress(bound)]);
}

function allowedPages({ allowed_origins }: HostSettings): Set<string> {
  const origins = allowed_origins.map((text) => {
    const origin = plainOrigin(text);
    // "*" would open a server without keys to every page that its user looks at.
    if (origin === undefined || origin.endsWith(":"))
      throw invalid("allowed_origins", text, "a list of origins like https://example.com, without wildcards");
    return origin;
  });
  return new Set(origins);
}

/** Same name and port; the scheme may differ, since TLS may end before this server. */
function isSame(origin: { scheme: string; host: string }, text: string): boolean {
  const [page, host] = [readHost(origin.host), readHost(text)];
  const port = defaultPorts[origin.scheme];
  if (!page || !host || port === undefined) return false;
  return page.name === host.name && (page.port ?? port) === (host.port ?? port);
}

/** Raises CONFIG_INVALID for a host or an origin that is none, `*` included. */
export function hostPolicy(settings: HostSettings): HostPolicy {
  const names = allowedNames(settings);
  const pages = allowedPages(settings);
  const listensEverywhere = WILDCARDS.has(settings.bound);

  const isOurs = ({ name }: Host, local: string | undefined): boolean =>
    isLoopbackHost(name) ||
    names.has(name) ||
    (listensEverywhere && local !== undefined && isIP(name) > 0 && name === plainAddress(local));

  return {
    checkHost(values, local) {
      const [text = "", ...more] = values;
      const host = more.length > 0 ? undefined : readHost(text);
      if (host === undefined || !isOurs(host, local))
        throw new MomoError("HOST_REFUSED", { host: shown(values.join(" and ")) });
    },

    checkOrigin(values, host) {
      if (values.length === 0) return;
      const [text = "", ...more] = values;
      const origin = more.length > 0 ? undefined : readOrigin(text);
      const isKnown = origin !== undefined && (pages.has(plainOrigin(text)!) || isSame(origin, host));
      if (!isKnown) throw new MomoError("ORIGIN_REFUSED", { origin: shown(values.join(" and ")) });
    },
  };
}

type Lookup = (name: string) => Promise<readonly { address: string }[]>;

const resolveName: Lookup = (name) => lookup(name, { all: true });

async function addressesOf(name: string, resolve: Lookup): Promise<string[]> {
  try {
    return (await resolve(name)).map(({ address }) => address);
  } catch {
    // What cannot be looked up is not known to be this machine, and what follows refuses it.
    return [];
  }
}

/**
 * The address to listen on: of a name the one that was looked at, so that it cannot become another one. Raises
 * BIND_WITHOUT_KEYS where others can reach it and nothing would ask them who they are.
 */
export async function checkBind(
  host: string,
  { hasKeys, resolve = resolveName }: { hasKeys: boolean; resolve?: Lookup },
): Promise<string> {
  const bare = host.replace(/^\[(.*)\]$/, "$1");
  if (hasKeys || (isIP(bare) > 0 && isLoopbackHost(bare))) return bare;
  const addresses = isIP(bare) > 0 || bare === "" ? [] : await addressesOf(bare, resolve);
  const [first] = addresses;
  if (first === undefined || !addresses.every(isLoopbackHost))
    throw new MomoError("BIND_WITHOUT_KEYS", { host: host || "an empty api_host" });
  return first;
}
