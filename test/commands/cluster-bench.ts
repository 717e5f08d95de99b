/**
 * A node in cluster mode without a network: the cluster core and the keyspace behind the real handlers.
 *
 *   const bench = new ClusterBench(nodesConf);         as after a start with that file; '' = a new node
 *   bench.run('CLUSTER MYID')                          → '$40 aaaa…'
 *
 * `normal` takes out of a reply what no two servers have in common, and sorts what has no order. The golden replies of
 * redis-server 7.0.15 in test/golden/cluster went through it, too.
 */
import { wrongArity } from '../../src/base/errors.js';
import type { ClusterDoor } from '../../src/commands/cluster/door.js';
import { GROUPS } from '../../src/commands/groups.js';
import type { NodeDoor, Session } from '../../src/commands/handler.js';
import { CommandTable, UNKNOWN_SUBCOMMAND } from '../../src/commands/table.js';
import { Cluster } from '../../src/gossip/cluster.js';
import type { ClusterOptions } from '../../src/gossip/cluster-state.js';
import { parseNodesConf } from '../../src/gossip/nodes-conf.js';
import type { Order, OrderAnswer } from '../../src/gossip/operator/order.js';
import type { Event } from '../../src/gossip/turn.js';
import { Engine } from '../../src/keyspace/engine.js';
import { Request } from '../../src/resp/request.js';
import { ReplyWriter } from '../../src/resp/writer.js';
import type { EndpointType } from '../../src/slots/endpoint.js';
import { seeded } from '../golden/chance.mjs';
import { stubOf } from '../support/commander.js';
import { printRawReply, type RawReply, readRawReply } from './raw-reply.js';

const TABLE = new CommandTable(GROUPS);
const CLOCKS = { nowMs: 100_000, wallMs: 1_700_000_000_000 };

/** As the recorded servers were started. */
const OPTIONS: ClusterOptions = {
  port: 7000,
  plainPort: 0,
  busPort: 17000,
  announceIp: '127.0.0.1',
  hostname: '',
  nodeTimeoutMs: 3_600_000,
  requireFullCoverage: true,
  allowReplicaMigration: true,
  noFailover: false,
  replicaValidityFactor: 10,
  replicaPingPeriodMs: 10_000,
  migrationBarrier: 1,
};

export class ClusterBench {
  readonly engine = new Engine({ databaseCount: 1, hashKey: [1, 2], random: seeded(1) });
  readonly session: Session;
  readonly cluster: Cluster;
  preferredEndpoint: EndpointType = 'ip';
  private readonly reply = new ReplyWriter();

  constructor(nodesConf: string) {
    this.engine.now = CLOCKS.wallMs;
    const read = nodesConf === '' ? null : parseNodesConf(Buffer.from(nodesConf, 'latin1'));
    if (read && !read.ok) throw new Error(`line ${read.line}: ${read.fault.why}`);
    this.cluster = new Cluster(OPTIONS, read?.saved ?? null, seeded(7), CLOCKS);
    this.step({ kind: 'Configured', options: OPTIONS });
    const node = stubOf<NodeDoor>('the node', { engine: this.engine, table: TABLE, cluster: this.door() });
    this.session = stubOf<Session>('the session', { id: 1, node, resp: 2, readOnly: false, asking: false });
  }

  private door(): ClusterDoor {
    const bench = this;
    const { cluster } = this;
    return {
      get myId() {
        return cluster.myId;
      },
      get role() {
        return cluster.role;
      },
      get preferredEndpoint() {
        return bench.preferredEndpoint;
      },
      slots: cluster.slots,
      usesTls: false,
      transportOf: () => 'plain',
      describe: () => cluster.describeCluster(CLOCKS),
      failureReportCount: (id) => cluster.failureReportCount(id, CLOCKS),
      links: () =>
        cluster.describeLinks(CLOCKS).map((link) => ({ ...link, queuedBytes: link.direction === 'to' ? 0 : 42 })),
      explain: (subject) => cluster.explainSubject(subject, CLOCKS),
      give: (order) => this.give(order),
      dropPackets: () => {},
      killLinks: () => {},
    };
  }

  /** The answer, if the event is an order. */
  step(event: Event): OrderAnswer | null {
    const effects = this.cluster.step(event, CLOCKS);
    for (const effect of effects) if (effect.kind === 'Answer') return effect.answer;
    return null;
  }

  private give(order: Order): OrderAnswer {
    const answer = this.step({ kind: 'Order', order });
    if (answer === null) throw new Error(`no answer to ${order.name}`);
    return answer;
  }

  /** Gives one command, words parted by blanks, `<me>` for our id; the reply in its normal form. */
  run(line: string): string {
    const setting = line.match(/^CONFIG SET cluster-preferred-endpoint-type (.*)$/);
    if (setting) {
      this.preferredEndpoint = setting[1] as EndpointType;
      return '+OK';
    }
    const words = line.replaceAll('<me>', this.cluster.myId).split(' ');
    this.reply.pos = this.reply.from = 0;
    this.reply.resp = this.session.resp;
    this.dispatch(Request.of(...words));
    return normal(this.reply.buf.subarray(0, this.reply.pos), this.cluster.myId);
  }

  private dispatch(request: Request): void {
    const { reply } = this;
    const id = (request.command = TABLE.find(request));
    const command = TABLE.commands[id];
    if (id === UNKNOWN_SUBCOMMAND) return reply.error(`ERR unknown subcommand '${request.text(1)}'. Try CLUSTER HELP.`);
    if (!command) return reply.error(`ERR unknown command '${request.text(0)}'`);
    const { arity } = command;
    if (arity > 0 ? request.argc !== arity : request.argc < -arity) return reply.error(wrongArity(command.name));
    command.run(request, reply, this.engine.database(0), this.session);
  }
}

export function normal(bytes: Uint8Array, myId: string): string {
  const reply = normalTree(readRawReply(bytes), myId);
  if (reply.parts[0]?.parts[0]?.text === 'slots')
    reply.parts.sort((a, b) => (printRawReply(a) < printRawReply(b) ? -1 : 1));
  return printRawReply(reply).replaceAll('\r', '\\r').replaceAll('\n', '\\n');
}

function normalTree(reply: RawReply, myId: string): RawReply {
  const parts = reply.parts.map((part) => normalTree(part, myId));
  const head = reply.head.replaceAll(myId, '<me>');
  if (reply.text === null) return { head, text: null, parts };
  const own = reply.text.replaceAll(myId, '<me>');
  const [, format = '', text = ''] = own.match(/^(txt:)?(.*)$/s) ?? [];
  const normalText = text.startsWith('cluster_state') ? normalInfo(text) : normalLines(text);
  return normalText === text ? { head, text: own, parts } : { head: `${head[0]}?`, text: format + normalText, parts };
}

/** How many pings went out is a matter of time. */
function normalInfo(text: string): string {
  return text
    .split('\n')
    .filter((line) => !line.includes('_sent:'))
    .join('\n');
}

function normalLines(text: string): string {
  if (!NODE_LINE.test(text)) return text;
  return text.split('\n').map(normalLine).sort().join('\n').trimStart();
}

/** id, address, flags, primary, ping, pong, epoch, link: times become <t>, the link of another node <link>. */
const NODE_LINE = /^([0-9a-f<me>]+) (\S+:\d+@\S+) (\S+) (\S+) \S+ \S+ (\d+) ([a-z<>]+)/;

function normalLine(line: string): string {
  return line.replace(NODE_LINE, (_, id, address, flags: string, primary, epoch, link) => {
    const state = flags.includes('myself') ? link : '<link>';
    return `${id} ${address} ${flags} ${primary} <t> <t> ${epoch} ${state}`;
  });
}
