/**
 * Whom this node copies and who copies it: the roles, the stream's history, and what each change of role brings.
 *
 *   our primary ──▶ Upstream ──▶ keys           (replica)
 *                      └──▶ backlog ──▶ Replicas ──▶ their links
 *   commands ──▶ Propagation ──▶ backlog ──┘      (primary)
 *
 * There is one history (`replication/history.ts`), one backlog, and one snapshot at a time. What is decided is decided
 * in `replication/`; here it is carried out.
 */
import { viewOf } from '../../base/bytes.js';
import type { ChangeSink } from '../../commands/propagation.js';
import { randomId } from '../../gossip/cluster-state.js';
import { Backlog } from '../../replication/backlog.js';
import { History } from '../../replication/history.js';
import { WaitList } from '../../replication/wait.js';
import type { Client } from '../client.js';
import type { Node } from '../node.js';
import { Handover } from './handover.js';
import { Replicas } from './replicas.js';
import { SyncDesk } from './sync-desk.js';
import type { Loading } from './sync-intake.js';
import { Upstream } from './upstream.js';

const ID_DIGITS = 40;
const SECOND_MS = 1000;
const HANDOVER_TICK_MS = 100;
const TELL_TROUBLE_MS = 10_000;
const SYNTHESIZED =
  'Before turning into a replica, using my own master parameters to synthesize a cached master: ' +
  'I may be able to synchronize with the new master with just a partial transfer.';

export class Replication implements ChangeSink {
  readonly history: History;
  /** The last bytes of the stream; null while there never was a replica. */
  backlog: Backlog | null = null;
  /** Whom we copy; null: we are a primary. */
  primary: { readonly host: string; readonly port: number } | null = null;
  readonly upstream: Upstream;
  readonly replicas: Replicas;
  readonly desk: SyncDesk;
  readonly handover: Handover;
  readonly waits = new WaitList<Client>();
  /** INFO: bytes of the stream and of snapshots that were sent and received. */
  sentBytes = 0;
  receivedBytes = 0;
  /** INFO unexpected_error_replies. */
  unexpectedErrors = 0;
  private tickedAt = Number.NEGATIVE_INFINITY;
  private seconds = 0;
  private wantsAcks = false;
  private mayConnect = false;
  private troubleToldAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly node: Node) {
    this.history = new History(() => randomId(() => node.host.random()));
    this.upstream = new Upstream(node, {
      reached: (offset) => (this.history.offset = offset),
      applied: (bytes, from, to) => this.passOn(bytes, from, to),
      broken: (reason) => this.upstream.streamBroken(reason),
    });
    this.replicas = new Replicas(node);
    this.desk = new SyncDesk(node);
    this.handover = new Handover(node);
    node.memory.backlogBytes = () => this.backlog?.bytes ?? 0;
    node.config.onAct('repl-backlog', () => {
      if (this.backlog !== null) {
        this.backlog.limit = node.config.replBacklogSize;
        this.pass(this.backlog);
      }
      return null;
    });
    node.config.onChange(() => this.followConfig());
    node.gate.set('replication', this.needsGood); // from the first command on
  }

  /** CONFIG RESETSTAT. */
  resetStatistics(): void {
    const { counts } = this.desk;
    counts.full = counts.partial = counts.refused = 0;
    this.sentBytes = this.receivedBytes = this.unexpectedErrors = 0;
  }

  get isReplica(): boolean {
    return this.primary !== null;
  }

  /** The stream of our primary is running. */
  get isConnected(): boolean {
    return this.upstream.follower.state === 'connected';
  }

  get loading(): Loading | null {
    return this.upstream.intake?.loading ?? this.node.loading.facts;
  }

  // ── the stream ────────────────────────────────────────────────────────────

  /** What our own commands changed. */
  append(bytes: Uint8Array, from: number, to: number): void {
    const { backlog } = this;
    if (backlog === null) return;
    backlog.append(bytes, from, to);
    this.history.offset = backlog.end;
    this.pass(backlog);
  }

  /** What our primary sent, and we have applied. */
  private passOn(bytes: Uint8Array, from: number, to: number): void {
    if (this.backlog === null) return;
    this.backlog.append(bytes, from, to);
    this.pass(this.backlog);
  }

  /** To the replicas; where there are none, nobody else keeps the backlog short. */
  private pass(backlog: Backlog): void {
    if (this.replicas.size > 0) this.replicas.wake();
    else backlog.trim(backlog.end);
  }

  /** What our primary says is done though it cannot be kept: that is told now and then. */
  obeysInTrouble(): void {
    const now = this.node.host.monotonicMs();
    if (now - this.troubleToldAt <= TELL_TROUBLE_MS) return;
    this.troubleToldAt = now;
    this.node.log('warning', 'Replica is applying a command even though it is unable to write to disk.');
  }

  /** The first replica asks: from here on the stream is kept. */
  openBacklog(): void {
    if (this.backlog !== null) return;
    this.history.renew();
    this.createBacklog();
    const { id, secondId } = this.history;
    this.node.log('notice', `Replication backlog created, my new replication IDs are '${id}' and '${secondId}'`);
  }

  private createBacklog(): void {
    this.backlog = new Backlog(this.node.config.replBacklogSize, this.history.offset);
    this.followRole();
  }

  private dropBacklog(): void {
    this.backlog = null;
    this.followRole();
  }

  // ── roles ─────────────────────────────────────────────────────────────────

  follow(host: string, port: number, isHandover: boolean): void {
    const { node, upstream } = this;
    const wasPrimary = this.primary === null;
    this.primary = { host, port };
    upstream.isSynced = false;
    node.blocking.endAll();
    if (wasPrimary) {
      node.log('notice', SYNTHESIZED);
      upstream.canResume = true;
      upstream.standAtDatabase(0);
    }
    this.followRole();
    node.server.oomScore.follow();
    if (this.mayConnect) upstream.step({ kind: 'Follow', host, port, isHandover });
  }

  /** A replica of the configuration file knows what it is before its own file is loaded. */
  takeRole(): void {
    const { replicaof } = this.node.config;
    if (replicaof === null) return;
    this.primary = replicaof;
    this.followRole();
  }

  /** Our own file is loaded: what it lacks may be asked for. */
  begin(): void {
    this.mayConnect = true;
    if (this.primary !== null) this.upstream.step({ kind: 'Follow', ...this.primary, isHandover: false });
  }

  /** From a replica to a primary; false where we are one. */
  promote(): boolean {
    if (this.primary === null) return false;
    const { upstream } = this;
    this.primary = null;
    upstream.step({ kind: 'Leave' });
    upstream.forgetPlace();
    upstream.downAt = null;
    this.branch();
    this.replicas.disconnectAll();
    this.replicas.noneSince = this.node.host.monotonicMs();
    this.node.dispatcher.propagation.forgetDatabase('stream');
    this.followRole();
    this.node.server.oomScore.follow();
    this.node.server.aof.restart(); // a sync that came to nothing may have ended it
    return true;
  }

  /** The cluster decided. */
  roleChanged(primary: { readonly ip: string; readonly port: number } | null): void {
    if (primary === null) this.promote();
    else this.follow(primary.ip, primary.port, false);
  }

  private branch(): void {
    const { history, node } = this;
    history.branch();
    const { id, secondId, secondEnd } = history;
    const past = `Setting secondary replication ID to ${secondId}, valid up to offset: ${secondEnd}`;
    node.log('warning', `${past}. New replication ID is ${id}`);
  }

  /** What depends on our role, everywhere. */
  private followRole(): void {
    const { node } = this;
    node.dispatcher.propagation.setSink('stream', this.primary === null && this.backlog !== null ? this : null);
    node.followExpiry();
    this.keepDirective();
    this.followConfig();
  }

  /** `replicaof` is where we are told to whom we belong after a restart: CONFIG GET and REWRITE say who it is now. */
  private keepDirective(): void {
    const { config } = this.node;
    const directive = config.find('replicaof');
    const words = this.primary === null ? ['no', 'one'] : [this.primary.host, String(this.primary.port)];
    if (directive !== undefined) config.take(directive, words, { inFile: false });
  }

  followConfig(): void {
    const mayRefuse =
      this.needsGood ||
      this.loading !== null ||
      this.node.server.saving.refusesWrites ||
      this.node.server.aof.trouble !== null;
    this.node.gate.set('replication', this.primary !== null || mayRefuse);
  }

  /** Writes are refused while too few replicas keep up. */
  private get needsGood(): boolean {
    const { minReplicasToWrite, minReplicasMaxLag } = this.node.config;
    return minReplicasToWrite > 0 && minReplicasMaxLag > 0;
  }

  loadingChanged(): void {
    this.followConfig();
  }

  // ── history ───────────────────────────────────────────────────────────────

  /** Our data is about to be replaced by that of a primary: nobody can go on with the old stream. */
  beginNewHistory(): void {
    this.upstream.forgetPlace();
    this.upstream.isSynced = false;
    this.replicas.disconnectAll();
    this.desk.abandon(); // a file of the old keys would take the place of the new ones
    this.dropBacklog();
  }

  /** The data is loaded: it is this stream, up to this offset. */
  adoptHistory(id: string | null, offset: number): void {
    if (id === null) this.history.renew();
    else this.history.adopt(id, offset);
    this.createBacklog();
  }

  /** A partial sync was accepted. Under a new id, our own replicas have to hear of it. */
  continueHistory(id: string | null): void {
    if (id !== null && this.history.continueAs(id)) {
      this.node.log('warning', `Master replication ID changed to ${id}`);
      this.replicas.disconnectAll();
    }
    if (this.backlog === null) this.createBacklog();
  }

  // ── through files ─────────────────────────────────────────────────────────

  /** The database a file has to name, so that the stream can go on behind it; null where there is no stream. */
  get savedDatabase(): number | null {
    if (this.primary === null) return this.backlog === null ? null : this.node.dispatcher.propagation.selectedDatabase;
    return this.upstream.canResume ? this.upstream.streamDatabase : null;
  }

  /** Our data is from a file that names its place in a stream: a replica asks there, a primary may be asked there. */
  restore(aux: ReadonlyMap<string, string>): void {
    const id = aux.get('repl-id') ?? '';
    const offset = Number(aux.get('repl-offset') ?? -1);
    const database = Number(aux.get('repl-stream-db') ?? -1);
    const isSaid = id.length === ID_DIGITS && Number.isSafeInteger(offset) && offset >= 0;
    if (!isSaid || !(database >= 0 && database < this.node.engine.databaseCount) || this.backlog !== null) return;
    const { history, upstream, node } = this;
    if (node.isReplica) {
      history.adopt(id, offset);
      upstream.canResume = true;
      upstream.standAtDatabase(database);
      return;
    }
    history.secondId = id;
    history.secondEnd = offset + 1;
    history.offset = offset;
    this.replicas.noneSince = node.host.monotonicMs();
    this.createBacklog();
  }

  /** A primary drops a key of its file: who goes on with its stream has to drop it, too. */
  expiredWhileLoading(database: number, key: Uint8Array, aux: ReadonlyMap<string, string>): void {
    this.restore(aux);
    const { propagation } = this.node.dispatcher;
    if (this.backlog === null || propagation.sinkOf('stream') === null) return;
    propagation.removed(database, key, viewOf(key), 0, key.length, false);
    propagation.settle();
  }

  // ── WAIT ──────────────────────────────────────────────────────────────────

  wait(client: Client, offset: number, replicas: number): void {
    this.waits.add(client, offset, replicas);
    this.requestAcks();
  }

  /** One request for all who began to wait in this turn. */
  private requestAcks(): void {
    if (this.wantsAcks) return;
    this.wantsAcks = true;
    this.node.host.endOfTurn(() => {
      this.wantsAcks = false;
      this.askReplicas();
    });
  }

  /** How far they are; not in a pause, which asks that our offset stay as it is. */
  askReplicas(): void {
    if (this.primary === null && this.node.gate.pause === null)
      this.node.dispatcher.propagation.command('REPLCONF', 'GETACK', '*');
  }

  acked(): void {
    if (this.waits.size === 0) return;
    for (const { client, replicas } of this.waits.satisfied((offset) => this.replicas.countAcks(offset)))
      this.node.blocking.answer(client, (reply) => reply.integer(replicas));
  }

  // ── time ──────────────────────────────────────────────────────────────────

  forget(client: Client): void {
    this.waits.forget(client);
    this.desk.forget(client);
    this.replicas.forget(client);
  }

  /** Ten times a second; what follows is done once a second, or as often while our role is handed over. */
  tick(): void {
    const now = this.node.host.monotonicMs();
    const period = this.handover.isOn ? HANDOVER_TICK_MS : SECOND_MS;
    if (now - this.tickedAt < period - HANDOVER_TICK_MS / 2) return;
    this.tickedAt = now;
    this.handover.tick();
    this.upstream.step({ kind: 'Tick' });
    this.upstream.sendAck();
    this.upstream.showLife();
    if (this.seconds++ % this.node.config.replPingReplicaPeriod === 0) this.pingReplicas();
    this.replicas.tick(this.desk.isSpooling);
    this.freeUnusedBacklog(now);
    this.desk.review();
  }

  /** Replicas of ours may tell silence from an end. While our role is handed over, offsets stay as they are. */
  private pingReplicas(): void {
    const isPaused = this.node.gate.isPausedFor('failover');
    if (this.primary === null && this.replicas.size > 0 && !isPaused) this.node.dispatcher.propagation.command('PING');
  }

  /** Without a backlog our offset stands still while data changes: so the history ends with it. */
  private freeUnusedBacklog(now: number): void {
    const seconds = this.node.config.replBacklogTtl;
    if (this.backlog === null || this.primary !== null || this.replicas.size > 0 || seconds === 0) return;
    if (now - this.replicas.noneSince <= seconds * 1000) return;
    this.history.renew();
    this.dropBacklog();
    this.node.log('notice', `Replication backlog freed after ${seconds} seconds without connected replicas.`);
  }

  /** What the cluster wants to know of our data. */
  get facts(): { offset: number; ageMs: number; synced: boolean } {
    const { history, upstream } = this;
    if (this.primary === null) return { offset: history.offset, ageMs: 0, synced: true };
    const now = this.node.host.monotonicMs();
    const since = upstream.stream === null ? upstream.downAt : upstream.heardAt;
    return {
      offset: upstream.canResume ? history.offset : 0,
      ageMs: since === null ? Number.POSITIVE_INFINITY : now - since,
      synced: upstream.isSynced,
    };
  }
}
