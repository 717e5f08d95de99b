/** The packets of real nodes that the tests of the bus read, see test/golden/bus/README.md. */

import { readdirSync, readFileSync } from 'node:fs';
import { decodePacket, describeMalformed, type Packet } from '../../../src/gossip/packet-codec.js';

const FOLDER = new URL('../../golden/bus/', import.meta.url);

export const GOLDEN = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.hex'))
  .map((file) => file.slice(0, -'.hex'.length))
  .sort();

export function readGolden(file: string): string {
  return readFileSync(new URL(file, FOLDER), 'latin1');
}

export function goldenBytes(name: string): Uint8Array {
  return new Uint8Array(Buffer.from(readGolden(`${name}.hex`).replace(/\s/g, ''), 'hex'));
}

export function goldenPacket(name: string): Packet {
  return decoded(goldenBytes(name));
}

export function decoded(bytes: Uint8Array): Packet {
  const result = decodePacket(bytes);
  if (!result.ok) throw new Error(describeMalformed(result.malformed));
  return result.packet;
}
