/**
 * Records ⇄ bytes: the only code that knows how a field type of packet-layout.ts looks on the wire.
 *
 * Reading checks nothing: the caller has made sure that the record lies inside the packet. A 64-bit number above
 * 2^53 arrives rounded, and is still above 2^53: the codec refuses it.
 */

import { viewOf } from '../../base/bytes.js';
import type { Layout, RecordOf } from '../packet-layout.js';

export function readRecord<L extends Layout>(layout: L, bytes: Uint8Array, base: number): RecordOf<L> {
  const view = viewOf(bytes);
  const record: Record<string, number | string | Uint8Array> = {};
  for (const [offset, type, size, name] of layout) {
    const at = base + offset;
    switch (type) {
      case 'u8':
        record[name] = view.getUint8(at);
        break;
      case 'u16':
        record[name] = view.getUint16(at);
        break;
      case 'u32':
        record[name] = view.getUint32(at);
        break;
      case 'u64':
        record[name] = view.getUint32(at) * 2 ** 32 + view.getUint32(at + 4);
        break;
      case 'text':
        record[name] = readText(bytes, at, size);
        break;
      case 'bytes':
        record[name] = copyOf(bytes, at, at + size);
        break;
    }
  }
  return record as RecordOf<L>;
}

/** Fields that are left out stay zero, as the protocol wants of reserved bytes. */
export function writeRecord<L extends Layout>(
  layout: L,
  bytes: Uint8Array,
  base: number,
  values: Partial<RecordOf<L>>,
): void {
  const view = viewOf(bytes);
  for (const [offset, type, size, name] of layout) {
    const value = (values as Record<string, unknown>)[name];
    if (value === undefined) continue;
    const at = base + offset;
    switch (type) {
      case 'u8':
        view.setUint8(at, value as number);
        break;
      case 'u16':
        view.setUint16(at, value as number);
        break;
      case 'u32':
        view.setUint32(at, value as number);
        break;
      case 'u64':
        view.setUint32(at, Math.floor((value as number) / 2 ** 32));
        view.setUint32(at + 4, (value as number) % 2 ** 32);
        break;
      case 'text':
        writeText(value as string, bytes, at, size);
        break;
      case 'bytes':
        if ((value as Uint8Array).length !== size) throw new Error(`packet: ${name} takes ${size} bytes`);
        bytes.set(value as Uint8Array, at);
        break;
    }
  }
}

/** Bytes of one's own. `slice` of a Buffer would be a view: of memory that the next chunk overwrites. */
export function copyOf(bytes: Uint8Array, from: number, to: number): Uint8Array {
  return new Uint8Array(bytes.subarray(from, to));
}

/** One letter a byte, up to the first NUL. */
export function readText(bytes: Uint8Array, at: number, size: number): string {
  let text = '';
  for (let i = at; i < at + size && bytes[i] !== 0; i++) text += String.fromCharCode(bytes[i]!);
  return text;
}

export function writeText(text: string, bytes: Uint8Array, at: number, size: number): void {
  if (text.length > size) throw new Error(`packet: "${text}" is longer than its field of ${size} bytes`);
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
}
