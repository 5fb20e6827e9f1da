/**
 * The body of a file version: its outline and facts. After a mark and a checksum come four sections, each with its
 * length, so that a search reads only what it shows. Written by ingest's workers, read by retrieve and knowledge.
 */
import { crc32 } from "node:zlib";
import type { Outline } from "../../model/outline.ts";
import { ColumnReader, damaged } from "./columns.ts";
import { readJsonBody } from "./json-body.ts";
import {
  type FileFacts,
  type Place,
  readDetails,
  readFacts,
  readLinks,
  readPlaces,
  writeDetails,
  writeFacts,
  writeLinks,
  writePlaces,
} from "./outline-columns.ts";

export interface FileBody extends FileFacts, Outline {}

/** No text begins with it; the second byte is the version of what follows. */
const mark = Uint8Array.of(0xf2, 1);
/** The mark, a checksum of all that follows it, the lengths of the sections. */
const headBytes = mark.length + 4 + 4 * 4;
const jsonStart = 123;

export function encodeBody(body: FileBody): Uint8Array {
  const { entities, links } = body;
  const sections = [
    writeFacts(body),
    writePlaces(entities, links.parents),
    writeDetails(entities),
    writeLinks(links),
  ];
  const bytes = Buffer.concat([Buffer.alloc(headBytes), ...sections]);
  bytes.set(mark);
  sections.forEach((section, i) => {
    bytes.writeUInt32LE(section.length, mark.length + 4 + 4 * i);
  });
  bytes.writeUInt32LE(crc32(bytes.subarray(mark.length + 4)), mark.length);
  return bytes;
}

export function decodeBody(stored: Uint8Array): FileBody {
  if (stored[0] === jsonStart) return readJsonBody(stored);
  const sections = sectionsOf(stored);
  const places = readPlaces(new ColumnReader(sections.places));
  return {
    ...readFacts(new ColumnReader(sections.facts)),
    entities: readDetails(new ColumnReader(sections.details), places),
    links: readLinks(new ColumnReader(sections.links), places.length),
  };
}

/** Where the entities stand and what they are called, without their documentation and links. */
export function decodePlaces(stored: Uint8Array): Place[] {
  if (stored[0] === jsonStart) return readJsonBody(stored).entities;
  return readPlaces(new ColumnReader(sectionsOf(stored).places));
}

interface Sections {
  facts: Uint8Array;
  places: Uint8Array;
  details: Uint8Array;
  links: Uint8Array;
}

function sectionsOf(stored: Uint8Array): Sections {
  const bytes = Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength);
  if (bytes.length < headBytes) throw damaged("it ends too early");
  if (bytes[0] !== mark[0] || bytes[1] !== mark[1]) throw damaged("it is of no known kind");
  if (bytes.readUInt32LE(mark.length) !== crc32(bytes.subarray(mark.length + 4)))
    throw damaged("its checksum does not fit");
  let at = headBytes;
  const next = (section: number): Uint8Array => {
    const start = at;
    at += bytes.readUInt32LE(mark.length + 4 + 4 * section);
    return bytes.subarray(start, at);
  };
  const sections = { facts: next(0), places: next(1), details: next(2), links: next(3) };
  if (at !== bytes.length) throw damaged("its sections are not as long as they say");
  return sections;
}
