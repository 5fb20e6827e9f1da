/**
 * The text of an API key: `momo_<id>_<secret>_<crc>`. The prefix and the checksum let scanners of repositories find
 * one that leaked, and tell it from a look-alike without asking. Used by keys.ts.
 */
import { randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";

const LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const ID_LENGTH = 12;
/** 62^27 is more than 2^160. */
const SECRET_LENGTH = 27;
/** 62^6 is more than 2^32. */
const CRC_LENGTH = 6;

const FORM = new RegExp(
  `^momo_([0-9A-Za-z]{${ID_LENGTH}})_([0-9A-Za-z]{${SECRET_LENGTH}})_([0-9A-Za-z]{${CRC_LENGTH}})$`,
);
const KEY_LENGTH = "momo___".length + ID_LENGTH + SECRET_LENGTH + CRC_LENGTH;

/** Every letter equally likely: bytes that would favour some are thrown away. */
function randomLetters(length: number): string {
  let text = "";
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      if (byte < 4 * LETTERS.length && text.length < length) text += LETTERS[byte % LETTERS.length];
    }
  }
  return text;
}

function checksum(text: string): string {
  let rest = crc32(text);
  let digits = "";
  for (let i = 0; i < CRC_LENGTH; i++) {
    digits = LETTERS[rest % LETTERS.length] + digits;
    rest = Math.floor(rest / LETTERS.length);
  }
  return digits;
}

export const newId = (): string => randomLetters(ID_LENGTH);
export const newSecret = (): string => randomLetters(SECRET_LENGTH);

export function keyText(id: string, secret: string): string {
  const body = `momo_${id}_${secret}`;
  return `${body}_${checksum(body)}`;
}

/** Undefined for what no Momo ever made. */
export function readKeyText(text: string): { id: string; secret: string } | undefined {
  if (text.length !== KEY_LENGTH) return undefined;
  const [, id, secret] = FORM.exec(text) ?? [];
  return id !== undefined && secret !== undefined && keyText(id, secret) === text
    ? { id, secret }
    : undefined;
}
