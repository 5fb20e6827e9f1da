/**
 * The key of the audit log, and its seal: how far the log reached, in a file of its own, signed with the key. Who cuts
 * records off the end of the log without the key cannot make a seal that fits. Used by audit-log.ts.
 */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { join } from "node:path";
import { MomoError } from "../errors.ts";
import { type Link, linkText, readLink } from "./audit-record.ts";
import { readPrivate, writePrivate } from "./private-file.ts";

const KEY_FILE = "audit.key";
const SEAL_FILE = "audit.seal";
const LEAST_BYTES = 32;

/** The key that was given, or the one in the home; undefined where there is none. Raises CONFIG_INVALID. */
export function findAuditKey(home: string, given: string | undefined): Uint8Array | undefined {
  if (given !== undefined) {
    const bytes = Buffer.from(given);
    if (bytes.length >= LEAST_BYTES) return bytes;
    throw new MomoError("CONFIG_INVALID", {
      key: "MOMO_AUDIT_KEY",
      value: `only ${bytes.length} bytes long`,
      source: "the environment",
      allowed: `at least ${LEAST_BYTES} bytes`,
    });
  }
  const text = readPrivate(join(home, KEY_FILE));
  if (text === undefined) return undefined;
  if (!/^[0-9a-f]{64}\n$/.test(text)) throw new Error(`${join(home, KEY_FILE)} holds no key`);
  return Buffer.from(text.trim(), "hex");
}

/** The caller holds a lock. */
export function makeAuditKey(home: string): Uint8Array {
  const key = randomBytes(LEAST_BYTES);
  writePrivate(join(home, KEY_FILE), `${key.toString("hex")}\n`);
  return key;
}

const sealOf = (link: Link, key: Uint8Array): Buffer =>
  createHmac("sha256", key)
    .update(`momo audit seal\n${linkText(link)}`)
    .digest();

/** The caller holds a lock. */
export function writeSeal(home: string, link: Link, key: Uint8Array): void {
  writePrivate(join(home, SEAL_FILE), `${linkText(link)} ${sealOf(link, key).toString("hex")}\n`);
}

/** Where the log was last sealed; a text says what is wrong with the seal. Undefined where there is none. */
export function readSeal(home: string, key: Uint8Array): Link | string | undefined {
  const text = readPrivate(join(home, SEAL_FILE));
  if (text === undefined) return undefined;
  const [, place = "", mac = ""] = /^(\S+) ([0-9a-f]{64})\n$/.exec(text) ?? [];
  const link = readLink(place);
  if (link === undefined || !timingSafeEqual(Buffer.from(mac, "hex"), sealOf(link, key)))
    return `${SEAL_FILE} was changed, or another key signed it`;
  return link;
}

export const MISSING_SEAL = `${SEAL_FILE} is missing`;
