/**
 * What pub/sub needs of a node: the way to a client, the way to the other nodes, and whose slots are whose.
 *
 * Who is being served reads messages between his own replies, where they belong, also within the reply to an EXEC, as
 * from redis 7.0. All others get them at the end of the turn, behind their replies. A client that does not read is
 * closed as soon as too much waits for it (client-output-buffer-limit), not only when the turn has ended.
 */
import type { Client } from '../client.js';
import { UNLIMITED_BYTES } from '../clients.js';
import type { Node } from '../node.js';
import type { Reach, Surroundings } from './pubsub.js';
import type { ShardView } from './shard-slots.js';

export class NodeSurroundings implements Surroundings {
  constructor(private readonly node: Node) {}

  get shard(): ShardView | null {
    const cluster = this.node.membership?.cluster;
    if (cluster === undefined) return null;
    return { ownerOf: (slot) => cluster.slots.ownerOf(slot), shardPrimaryId: cluster.shardPrimaryId };
  }

  deliver(client: Client, message: Buffer): void {
    const { clientEviction, doorman, intake, out, outbox } = this.node;
    if (client.closing || client.gone) return;
    const isHeard = client.replies === 'on' || client.replies === 'skip-next';
    if (intake.served === client && isHeard && client.pushed === null) return out.rawBytes(message);
    outbox.push(client, message);
    if (client.pushedBytes > UNLIMITED_BYTES && !doorman.mayHold(client, client.waitingBytes)) return;
    clientEviction.update(client);
  }

  spread(channel: Buffer, message: Buffer, reach: Reach): void {
    this.node.membership?.publish(channel, message, reach === 'shard');
  }
}
