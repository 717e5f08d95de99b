/**
 * TIME, ROLE: short questions about the server.
 *
 * ROLE is the one that others rely on: Sentinel and clients read from it whom to write to.
 */
import type { ReplyWriter } from '../../resp/writer.js';
import type { Handler } from '../handler.js';

/** A replica as its primary sees it. */
export interface FedReplica {
  readonly host: string;
  readonly port: number;
  readonly offset: number;
}

/** How far a replica has come with its primary. */
export type FeedState = 'none' | 'connect' | 'connecting' | 'handshake' | 'sync' | 'connected';

export type Role =
  | { is: 'primary'; offset: number; replicas: readonly FedReplica[] }
  | { is: 'replica'; host: string; port: number; feed: FeedState; offset: number };

const MICROS = 1_000_000;

export const time: Handler = (_request, reply, _db, session) => {
  const micros = session.node.server.clock.wallMicros();
  reply.arrayHeader(2);
  reply.bulkInteger(Math.floor(micros / MICROS));
  reply.bulkInteger(micros % MICROS);
};

export const role: Handler = (_request, reply, _db, session) => {
  const told = session.node.server.role();
  if (told.is === 'primary') return writePrimary(reply, told.offset, told.replicas);
  reply.arrayHeader(5);
  reply.bulkText('slave');
  reply.bulkText(told.host);
  reply.integer(told.port);
  reply.bulkText(told.feed);
  reply.integer(told.offset);
};

function writePrimary(reply: ReplyWriter, offset: number, replicas: readonly FedReplica[]): void {
  reply.arrayHeader(3);
  reply.bulkText('master');
  reply.integer(offset);
  reply.arrayHeader(replicas.length);
  for (const replica of replicas) {
    reply.arrayHeader(3);
    reply.bulkText(replica.host);
    reply.bulkInteger(replica.port);
    reply.bulkInteger(replica.offset);
  }
}
