/**
 * PUBSUB: who listens to what at this node.
 *
 * Patterns are counted, not listed, and do not count as subscribers of the channels that fit them.
 */
import { Glob } from '../../base/glob.js';
import { wrongSubcommand } from '../../base/errors.js';
import type { Request } from '../../resp/request.js';
import type { ReplyWriter } from '../../resp/writer.js';
import type { Handler, Session } from '../handler.js';
import type { TopicKind } from './door.js';

export const pubsubChannels: Handler = (request, reply, _db, session) => listTopics('channel', request, reply, session);

export const pubsubShardChannels: Handler = (request, reply, _db, session) =>
  listTopics('shard', request, reply, session);

export const pubsubNumSub: Handler = (request, reply, _db, session) =>
  countSubscribers('channel', request, reply, session);

export const pubsubShardNumSub: Handler = (request, reply, _db, session) =>
  countSubscribers('shard', request, reply, session);

export const pubsubNumPat: Handler = (_request, reply, _db, session) => {
  reply.integer(session.node.pubsub.topicCount('pattern'));
};

function listTopics(kind: TopicKind, request: Request, reply: ReplyWriter, session: Session): void {
  if (request.argc > 3) return reply.error(wrongSubcommand('PUBSUB', request.text(1)));
  const glob = request.argc === 3 ? new Glob(request.bytes(2)) : null;
  const mark = reply.mark();
  let count = 0;
  for (const topic of session.node.pubsub.topics(kind)) {
    if (glob !== null && !glob.matches(Buffer.from(topic, 'latin1'))) continue;
    reply.bulkText(topic);
    count++;
  }
  reply.arrayAt(mark, count);
}

function countSubscribers(kind: TopicKind, request: Request, reply: ReplyWriter, session: Session): void {
  reply.arrayHeader((request.argc - 2) * 2);
  for (let i = 2; i < request.argc; i++) {
    reply.bulk(request.buf, request.view, request.off[i], request.len[i]);
    reply.integer(session.node.pubsub.subscriberCount(kind, request.text(i)));
  }
}

const HELP = [
  'PUBSUB <subcommand> [<arg> [value] [opt] ...]. Subcommands are:',
  'CHANNELS [<pattern>]',
  "    Return the currently active channels matching a <pattern> (default: '*').",
  'NUMPAT',
  '    Return number of subscriptions to patterns.',
  'NUMSUB [<channel> ...]',
  '    Return the number of subscribers for the specified channels, excluding',
  '    pattern subscriptions(default: no channels).',
  'SHARDCHANNELS [<pattern>]',
  "    Return the currently active shard level channels matching a <pattern> (default: '*').",
  'SHARDNUMSUB [<shardchannel> ...]',
  '    Return the number of subscribers for the specified shard level channel(s)',
  'HELP',
  '    Prints this help.',
];

export const pubsubHelp: Handler = (_request, reply) => {
  reply.lines(HELP);
};
