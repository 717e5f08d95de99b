/**
 * CLUSTER KEYSLOT, COUNTKEYSINSLOT and GETKEYSINSLOT: from keys to slots and back.
 *
 * What moves a slot asks here. Keys whose time has come count until they are removed, as they do for Redis.
 */
import { ERRORS } from '../../base/errors.js';
import type { Database } from '../../keyspace/keyspace.js';
import type { ReplyWriter } from '../../resp/writer.js';
import { keySlot } from '../../slots/key-slot.js';
import { SLOT_COUNT } from '../../slots/slot-set.js';
import { readInteger } from '../arguments.js';
import type { Handler } from '../handler.js';
import { inCluster } from './in-cluster.js';

export const slotOfKey: Handler = inCluster(({ request, reply }) => {
  reply.integer(keySlot(request.buf, request.off[2], request.len[2]));
});

export const countKeysInSlot: Handler = inCluster(({ request, reply, db }) => {
  const slot = readInteger(request, 2, reply);
  if (Number.isNaN(slot)) return;
  if (slot < 0 || slot >= SLOT_COUNT) return reply.error(ERRORS.INVALID_SLOT_COUNT);
  reply.integer(db.keysInSlot(slot));
});

export const getKeysInSlot: Handler = inCluster(({ request, reply, db }) => {
  const slot = readInteger(request, 2, reply);
  if (Number.isNaN(slot)) return;
  const most = readInteger(request, 3, reply);
  if (Number.isNaN(most)) return;
  if (slot < 0 || slot >= SLOT_COUNT || most < 0) return reply.error(ERRORS.INVALID_SLOT_OR_KEYS);
  writeKeys(db, slot, Math.min(most, db.keysInSlot(slot)), reply);
});

function writeKeys(db: Database, slot: number, count: number, reply: ReplyWriter): void {
  reply.arrayHeader(count);
  let left = count;
  let cursor = 0;
  while (left > 0) {
    cursor = db.engine.tables.scan(db.slotTable(slot), cursor, (entry) => {
      if (left > 0) db.writeKey(entry, reply);
      left--;
    });
    if (cursor === 0) return;
  }
}
