/** Words put into the mouth of a node: heartbeats that it did not send, or sent long ago. */

import type { Packet, Sender } from '../../../src/gossip/packet-codec.js';
import { FLAG } from '../../../src/gossip/packet-layout.js';
import { emptyBitmap } from '../../../src/slots/slot-set.js';
import { idOf } from './lone-node.js';
import type { World } from './mini-world.js';

/** The header of a primary without slots. */
export function headerOf(port: number, changes: Partial<Sender> = {}): Sender {
  return {
    ip: '',
    port,
    plainPort: 0,
    busPort: port + 10000,
    senderId: idOf(port),
    primaryId: '',
    flags: FLAG.primary,
    currentEpoch: 0,
    configEpoch: 0,
    slots: emptyBitmap(),
    replOffset: 0,
    clusterState: 0,
    messageFlags: 0,
    ...changes,
  };
}

export function heartbeatOf(port: number, type: 'PING' | 'PONG', changes: Partial<Sender> = {}): Packet {
  return { type, sender: headerOf(port, changes), body: { kind: 'gossip', entries: [], extensions: [] } };
}

/** It arrives where such a packet would: an answer on the hearer's own link, anything else on the speaker's. */
export function hear(world: World, at: number, packet: Packet): void {
  const wanted = packet.type === 'PONG' ? 'to' : 'from';
  const links = world.cluster(at).describeLinks(world.clocks());
  const found = links.find(({ nodeId, direction }) => nodeId === packet.sender.senderId && direction === wanted);
  world.tell(at, { kind: 'Received', link: found!.link, packet, byteCount: 2256 });
}
