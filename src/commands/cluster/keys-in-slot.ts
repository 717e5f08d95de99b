/**
 * CLUSTER KEYSLOT, COUNTKEYSINSLOT and GETKEYSINSLOT: from keys to slots and back.
 *
 * What moves a slot asks here. Keys whose time has come count until they are removed, as they do for Redis.
 */
import { ERRORS } from '../../base/errors.js';
import { keysOfSlot } from '../../keyspace/scan.js';
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
  const found = keysOfSlot(db, slot, most);
  reply.arrayHeader(found.length);
  for (const e of found) db.writeKey(e, reply);
});
