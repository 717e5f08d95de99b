/**
 * The server as its administrators see it: what the commands of `commands/server/` ask of a node.
 *
 *   INFO ──▶ info.ts ──▶ info-….ts, section by section
 *   ROLE, TIME ──▶ the host's clocks, the membership
 */
import type { Session } from '../../commands/handler.js';
import type { DebugDoor } from '../../commands/server/debug/switches.js';
import type { Clock, ServerDoor } from '../../commands/server/door.js';
import type { FedReplica, FeedState, Role } from '../../commands/server/facts.js';
import type { LatencyDoor } from '../../commands/server/latency.js';
import type { SlowLogDoor } from '../../commands/server/slowlog.js';
import type { FollowState } from '../../replication/replica.js';
import type { Client } from '../client.js';
import type { Node } from '../node.js';
import { Libraries } from '../../persistence/functions/libraries.js';
import { Aof } from '../persistence/aof/aof.js';
import { Saving } from '../persistence/saving.js';
import { infoText } from './info.js';
import { type Machine, NO_MACHINE } from './machine.js';
import { NodeMemory } from './memory-door.js';
import { OomScore } from './oom-score.js';
import { Rate } from './rates.js';
import { Shutdown } from './shutdown.js';

const SECOND_MS = 1000;

/** As ROLE names the states of a replica. */
const FEED_STATES: Readonly<Record<FollowState, FeedState>> = {
  none: 'none',
  connect: 'connect',
  connecting: 'connecting',
  ping: 'handshake',
  handshake: 'handshake',
  psync: 'handshake',
  transfer: 'sync',
  connected: 'connected',
};

export class Administration implements ServerDoor {
  readonly clock: Clock;
  /** Wall ms. */
  readonly startedAt: number;
  readonly rates = {
    commands: new Rate(),
    input: new Rate(),
    output: new Rate(),
    replicationInput: new Rate(),
    replicationOutput: new Rate(),
  };
  machine: Machine = NO_MACHINE;
  readonly debug: DebugDoor;
  readonly shutdown: Shutdown;
  readonly saving: Saving;
  readonly aof: Aof;
  readonly memory: NodeMemory;
  readonly oomScore: OomScore;
  readonly libraries = new Libraries();
  private ticks = 0;
  private errorsBefore = 0;
  /** Monotonic ms of the last look at the memory in use: it sums over all clients, so it is not free. */
  private lookedAt = 0;

  constructor(private readonly node: Node) {
    const { host } = node;
    this.clock = host;
    this.startedAt = host.wallMs();
    this.debug = this.debugDoor();
    this.shutdown = new Shutdown(node);
    this.saving = new Saving(node);
    this.aof = new Aof(node);
    this.memory = new NodeMemory(node);
    this.oomScore = new OomScore(node);
    node.memory.libraryBytes = () => this.libraries.bytes;
  }

  /** Keys and libraries of functions: FLUSHALL leaves the latter. */
  emptyAll(): void {
    this.node.migration.endExec();
    this.node.engine.flushAll();
    this.libraries.clear();
  }

  private debugDoor(): DebugDoor {
    const { expiry } = this.node.memory;
    const machine = (): Machine => this.machine;
    return {
      cronPaused: false,
      block: (ms) => machine().block(ms),
      crash: (what) => machine().crash(what),
      get activeExpire() {
        return expiry.enabled;
      },
      set activeExpire(on: boolean) {
        expiry.enabled = on;
      },
    };
  }

  get slowlog(): SlowLogDoor {
    return this.node.diagnosis.slowlog;
  }

  get latency(): LatencyDoor {
    return this.node.diagnosis.latency;
  }

  monitor(session: Session): void {
    this.node.diagnosis.monitors.add(session as Client);
  }

  random(): number {
    return this.node.host.random();
  }

  /** Ten times a second. */
  tick(): void {
    const { dispatcher, host, intake, outbox, replication } = this.node;
    const now = host.monotonicMs();
    this.rates.commands.sample(dispatcher.processed, now);
    this.rates.input.sample(intake.receivedBytes, now);
    this.rates.output.sample(outbox.sentBytes, now);
    this.rates.replicationInput.sample(replication.receivedBytes, now);
    this.rates.replicationOutput.sample(replication.sentBytes, now);
    if (now - this.lookedAt >= SECOND_MS) {
      this.lookedAt = now;
      this.node.memory.usedBytes(); // which remembers the highest
    }
    this.shutdown.tick();
    this.aof.tick(this.ticks++);
    this.saving.tick();
    this.aof.rewriting.tickWhenGrown();
  }

  info(asked: readonly string[]): string {
    return infoText(this.node, asked);
  }

  /** Errors answered since the statistics were reset. */
  get errorReplies(): number {
    return this.node.out.errorCount - this.errorsBefore;
  }

  /** CONFIG RESETSTAT. */
  resetStatistics(): void {
    const { clientEviction, clients, dispatcher, engine, intake, memory, out, outbox, replication } = this.node;
    dispatcher.stats.reset();
    dispatcher.processed = 0;
    clients.received = clients.rejected = 0;
    outbox.sentBytes = outbox.writes = intake.receivedBytes = intake.reads = 0;
    engine.snapshotCount = engine.hits = engine.misses = engine.expiredKeys = engine.evictedKeys = 0;
    clientEviction.evicted = 0;
    engine.lazyFree.freed = 0;
    memory.expiry.stalePercent = memory.expiry.timeCapReached = memory.expiryMs = 0;
    replication.resetStatistics();
    this.errorsBefore = out.errorCount;
    for (const rate of Object.values(this.rates)) rate.reset();
  }

  role(): Role {
    const { replication, membership } = this.node;
    const { primary, history, replicas, upstream } = replication;
    if (primary !== null) {
      const offset = upstream.stream === null ? -1 : history.offset;
      return { is: 'replica', ...primary, feed: FEED_STATES[upstream.follower.state], offset };
    }
    if (membership?.cluster.role === 'replica') {
      const address = membership.cluster.node(membership.cluster.shardPrimaryId)?.address; // not met yet
      return { is: 'replica', host: address?.ip ?? '', port: address?.port ?? 0, feed: 'connect', offset: -1 };
    }
    const fed: FedReplica[] = [];
    for (const client of replicas.clients)
      if (client.feed !== null && (client.feed.stage === 'online' || client.feed.stage === 'sent'))
        fed.push({ host: replicas.hostOf(client), port: client.feed.listeningPort, offset: client.feed.ackedOffset });
    return { is: 'primary', offset: history.offset, replicas: fed };
  }
}
