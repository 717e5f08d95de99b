/**
 * One node, on any Host. Nothing here knows whether time, sockets and files are real.
 *
 *                 ┌──────────────── Node ────────────────┐
 *   Host ◀──────▶ │ clients ▸ intake ▸ dispatcher ▸ keys │   the data plane
 *                 │ gate · cron · config · cluster       │   the control plane
 *                 └──────────────────────────────────────┘
 *
 * A node is an object without globals: six of them run in one process as well as in six.
 */
import type { Host, LogLevel } from '../base/host.js';
import { Dispatcher } from '../commands/dispatch.js';
import { GROUPS } from '../commands/groups.js';
import { CommandTable } from '../commands/table.js';
import { Engine } from '../keyspace/engine.js';
import { Dumps } from '../persistence/dump.js';
import type { Request } from '../resp/request.js';
import { ReplyWriter } from '../resp/writer.js';
import { Administration } from './admin/administration.js';
import { Blocking } from './blocking/blocking.js';
import type { Client, ClientOwner, Connection } from './client.js';
import { ClientEviction } from './client-eviction.js';
import { ClientList } from './client-list.js';
import { Clients, isLocal } from './clients.js';
import type { Config } from './config.js';
import { followClusterConfig, NodeCluster } from './cluster/cluster-door.js';
import { NodeConfig } from './config-door.js';
import { NodeGate, type PauseCause } from './gate.js';
import { Diagnosis } from './diagnosis/diagnosis.js';
import { Doorman } from './doorman.js';
import { Intake } from './intake.js';
import { KeyEvents } from './key-events/key-events.js';
import { Membership } from './cluster/membership.js';
import { Memory } from './memory.js';
import { Migration } from './migration/migration.js';
import { Outbox } from './outbox.js';
import { isRightPassword } from './admin/password.js';
import type { Consequences } from './cluster/performer.js';
import { Redirector } from './cluster/redirector.js';
import { PubSub } from './pubsub/pubsub.js';
import { NodeSurroundings } from './pubsub/surroundings.js';
import { StartLoading } from './persistence/loading.js';
import { NodeReplication } from './replication/door.js';
import { refusal } from './replication/refusals.js';
import { Replication } from './replication/replication.js';

const CRON_MS = 100;
const TICKS_A_SECOND = 1000 / CRON_MS;

export class Node implements ClientOwner, Consequences {
  readonly engine: Engine;
  readonly dumps: Dumps;
  readonly table = new CommandTable(GROUPS);
  readonly out = new ReplyWriter();
  readonly outbox: Outbox;
  readonly intake: Intake;
  readonly dispatcher: Dispatcher;
  readonly clients: Clients;
  readonly gate: NodeGate;
  readonly configuration: NodeConfig;
  readonly askingId: number;
  private wallOffset = 0;
  private ticks = 0;
  readonly memory: Memory;
  readonly clientEviction: ClientEviction;
  readonly server: Administration;
  readonly diagnosis: Diagnosis;
  readonly connections: ClientList;
  readonly doorman = new Doorman(this);
  membership: Membership | null = null;
  cluster: NodeCluster | null = null;
  private redirector: Redirector | null = null;
  /** Ends the process: what it serves could be wrong from now on. */
  fatal: (reason: string) => void = (reason) => {
    throw new Error(reason);
  };
  readonly loading = new StartLoading(this);
  readonly replication: Replication;
  readonly replicationDoor: NodeReplication;
  readonly migration = new Migration(this);
  readonly pubsub = new PubSub(new NodeSurroundings(this));
  readonly keyEvents: KeyEvents;
  readonly blocking = new Blocking(this);

  constructor(
    readonly host: Host,
    readonly config: Config,
  ) {
    const random = (): number => (host.random() * 0x1_0000_0000) | 0;
    this.engine = new Engine({
      databaseCount: config.clusterEnabled ? 1 : config.databases,
      hashKey: [random(), random()],
      random: () => host.random(),
    });
    this.dumps = new Dumps(this.engine, config);
    this.keyEvents = new KeyEvents(this.engine, this.pubsub, () => this.gate.set('ready', true));
    this.clients = new Clients(this, config);
    this.memory = new Memory(this.engine, host, config, this.clients);
    this.clientEviction = new ClientEviction(this.clients, config, {
      bytesOf: (client) => this.memory.bytesOf(client),
      describe: (client) => this.connections.describe(client, null),
      drop: (client) => this.drop(client),
      endOfTurn: (run) => host.endOfTurn(run),
      log: (level, text) => this.log(level, text),
    });
    this.gate = new NodeGate(
      this.table,
      config,
      {
        redirect: (request, id, client) => this.redirector?.redirect(request, id, client) ?? null,
        haveMemory: () => this.haveMemory(),
        took: (request, id, client, micros) => this.diagnosis.took(request, id, client, micros),
        feedMonitors: (request, client) => this.diagnosis.ran(request, client),
        hold: (request, client, mark) => this.migration.hold(request, client, mark),
        serveReady: () => this.blocking.serveReady(),
        httpSpoken: (client) => this.doorman.httpSpoken(client),
        refuse: (id, meant, client) => refusal(this, id, meant, client),
      },
      () => host.monotonicMs(),
      (now, inExec) => this.noteTime(now, inExec),
    );
    this.askingId = this.table.byName(Buffer.from('asking'))?.id ?? -1;
    this.configuration = new NodeConfig(config, {
      files: host.files,
      log: (level, text) => this.log(level, text),
      isLocal: (session) => isLocal(session as Client),
      isLoading: () => this.replication.loading !== null,
      resetStatistics: () => this.server.resetStatistics(),
    });
    this.outbox = new Outbox(this.out, host);
    this.dispatcher = new Dispatcher(this.table, this.out, this, this.gate, this.engine.ahead);
    this.intake = new Intake(this.out, this.outbox, this.dispatcher, config, this.doorman, (client) =>
      this.close(client),
    );
    this.replication = new Replication(this);
    this.replicationDoor = new NodeReplication(this, this.replication);
    this.server = new Administration(this);
    this.diagnosis = new Diagnosis(this);
    this.connections = new ClientList(this);
    config.onAct('maxmemory', () => this.memory.limitChanged());
    config.onChange(() => this.followConfig());
    this.followConfig();
    this.readClock();
    for (const [from, to] of config.renamedCommands)
      this.table.rename(Buffer.from(from, 'latin1'), Buffer.from(to, 'latin1'));
  }

  private followConfig(): void {
    this.memory.followConfig();
    this.clientEviction.followConfig();
    this.gate.set('memory', this.config.maxmemory > 0);
    this.gate.latencyTracking = this.config.latencyTracking;
    this.keyEvents.followConfig(this.config.notifyKeyspaceEvents);
    this.followExpiry();
    if (!this.hasPassword) this.clients.admitAll();
  }

  /** Clients go before keys do; nothing is evicted in a pause. */
  private haveMemory(): boolean {
    this.clientEviction.relieve(this.intake.served);
    return this.gate.pause !== null || this.memory.makeRoom();
  }

  log(level: LogLevel, text: string): void {
    this.host.log.log(level, text);
  }

  /** From now on time passes. The file of the last save is loaded; then what runs regularly runs, and all is served. */
  start(ready: () => void = () => {}): void {
    this.replication.takeRole();
    this.loading.begin(ready);
    this.tick();
    this.host.every(CRON_MS, () => this.tick());
  }

  private tick(): void {
    if (this.server.debug.cronPaused) return;
    this.readClock();
    const now = this.host.monotonicMs();
    if (++this.ticks % TICKS_A_SECOND === 0) this.doorman.makeRounds(now);
    for (const cause of this.gate.pausesRanOut()) this.unpause(cause);
    if (this.migration.isAmidExec) return this.membership?.tick();
    if (this.loading.facts !== null) return this.server.shutdown.tick();
    this.memory.tick(CRON_MS);
    if (this.memory.expiry.enabled) this.keyEvents.ownMortals?.expire();
    this.clientEviction.tick();
    this.server.tick();
    this.replication.tick();
    this.migration.tick(now);
    this.membership?.replicated(this.replication.facts);
    this.membership?.tick();
    this.blocking.redirect(this.redirector);
  }

  private readClock(): void {
    const now = this.host.monotonicMs();
    // Wall time comes in whole ms: each look is behind by a fraction of one, and the greatest offset is the truest.
    const offset = this.host.wallMs() - now;
    if (offset > this.wallOffset || offset < this.wallOffset - 1) this.wallOffset = offset;
    this.noteTime(now);
  }

  /** Wall time as of a monotonic moment: one clock is read per client and turn, the other ten times a second. */
  private noteTime(now: number, inExec = false): void {
    this.engine.setClock(Math.floor(now + this.wallOffset), inExec);
  }

  // ── clients ───────────────────────────────────────────────────────────────

  /** A connection came in; null where it was turned away. */
  accept(link: Connection): Client | null {
    const client = this.clients.accept(link, this.host.monotonicMs());
    if (client !== null) this.doorman.welcomed(client);
    return client;
  }

  /** `length` bytes of this client stand at the start of `intake.shared`. */
  received(client: Client, length: number): void {
    this.turnOf(client);
    if (client.feed !== null) client.feed.ackedAt = client.usedAt; // be it an empty line, from one that loads
    try {
      this.intake.received(client, length);
      if (!client.gone) this.clientEviction.update(client);
    } catch (error) {
      this.survive(client, error);
    }
  }

  /** What runs next is this client's: time is read, and replies are in its protocol. */
  turnOf(client: Client): void {
    const now = this.host.monotonicMs();
    this.noteTime(now);
    this.membership?.wakeIfLate(now);
    this.dispatcher.begin(now);
    client.usedAt = now;
    this.out.resp = client.resp;
  }

  /** A mistake of ours outside of any command ends that connection alone; within one, who knows what is half done. */
  private survive(client: Client, error: unknown): void {
    if (this.dispatcher.inCommand) throw error;
    this.log('warning', `Closing client id=${client.id} after an unexpected error: ${String(error)}`);
    client.link.close();
  }

  /** The client will send nothing more: what is open is answered, then its connection ends. */
  ended(client: Client): void {
    this.doorman.left(client);
    this.outbox.sendAll();
    client.link.end();
  }

  gone(client: Client): void {
    this.gate.forget(client);
    this.blocking.forget(client);
    this.replication.forget(client);
    this.diagnosis.monitors.forget(client);
    this.clientEviction.forget(client);
    this.clients.forget(client);
  }

  /** Ends a connection at once; what waits to be sent is dropped. */
  drop(client: Client): void {
    this.gone(client);
    client.link.close();
  }

  pause(cause: PauseCause, kind: 'all' | 'writes', untilMs: number): void {
    this.gate.pauseClients(cause, kind, untilMs);
    this.followExpiry();
  }

  unpause(cause: PauseCause): void {
    const waiting = this.gate.endPause(cause);
    this.followExpiry();
    // Not amid the replies to another one.
    if (waiting.length > 0) this.host.endOfTurn(() => this.blocking.letGoOn(waiting));
  }

  /** Nothing changes while clients are held back, not even by time; and at a replica nothing but by its primary. */
  followExpiry(): void {
    const { isReplica } = this;
    const isPaused = this.gate.pause !== null;
    this.engine.mayExpire = !isPaused && !isReplica && !this.server.aof.isLoading;
    this.keyEvents.followRole(isReplica && !this.config.replicaReadOnly);
    this.memory.isUnlimited = isPaused || (isReplica && this.config.replicaIgnoreMaxmemory);
  }

  /** A client that waited for this answer goes on. */
  answerWaiting(client: Client, write: (reply: ReplyWriter) => void): void {
    if (client.gone) return;
    this.outbox.sendAll();
    this.turnOf(client);
    if (client.pushed !== null) this.outbox.pushFirst(client);
    write(this.out);
    this.intake.resume(client);
  }

  backlogGrew(client: Client, bytes: number): void {
    if (this.doorman.mayHold(client, bytes)) this.clientEviction.update(client);
  }

  get watchedKeys(): ClientOwner['watchedKeys'] {
    return this.keyEvents.watchedKeys;
  }

  get peerConnections(): number {
    return this.membership?.linkCount ?? 0;
  }

  watch(client: Client, request: Request, i: number): void {
    this.keyEvents.watch(client, request, i);
  }

  run(request: Request, client: Client): void {
    this.dispatcher.call(request, client);
  }

  get hasPassword(): boolean {
    return this.config.requirepass !== '';
  }

  isRightPassword(user: string, password: string): boolean {
    return isRightPassword(this.config.requirepass, user, password);
  }

  get isCluster(): boolean {
    return this.config.clusterEnabled;
  }

  get isReplica(): boolean {
    return this.replication.isReplica || this.membership?.cluster.role === 'replica';
  }

  // ── the cluster ───────────────────────────────────────────────────────────

  /** In cluster mode: takes nodes.conf and becomes a member. The lines that say why not, or null. */
  join(): readonly string[] | null {
    const opening = Membership.open(this.host, this.config, this);
    if (!opening.ok) return opening.log;
    this.membership = opening.membership;
    this.cluster = new NodeCluster(opening.membership, this.config);
    this.redirector = new Redirector(opening.membership.cluster, this.table, this.engine, this.config);
    this.gate.set('cluster', true);
    followClusterConfig(this.config, opening.membership);
    this.followExpiry();
    return null;
  }

  roleChanged(primary: { ip: string; port: number } | null): void {
    this.migration.abandon();
    this.replication.roleChanged(primary);
  }

  /** Slots went to another node: their keys are no longer ours. */
  slotsLost(slots: readonly number[]): void {
    this.migration.endExec();
    for (const slot of slots) this.engine.dropSlot(slot);
  }

  keysOutdated(): void {
    this.server.emptyAll();
  }

  writesPaused(untilMs: number): void {
    this.migration.abandon(); // what is told now is where our stream ends
    this.pause('failover', 'writes', untilMs);
    this.offsetWanted();
  }

  offsetWanted(): void {
    this.membership?.replicated(this.replication.facts);
  }

  writesResumed(): void {
    this.unpause('failover');
  }

  published(channel: Uint8Array, message: Uint8Array, sharded: boolean): void {
    const topic = Buffer.from(channel).toString('latin1');
    if (sharded) this.pubsub.broadcastToShard(topic, message);
    else this.pubsub.broadcast(topic, message);
  }

  stepDone(): void {
    this.pubsub.reviewShard();
  }

  saveFailed(reason: string): void {
    this.log('warning', `Fatal: can't update cluster config file: ${reason}`);
    this.fatal('the cluster configuration file cannot be written');
  }

  /** Sends what is written, then ends the connection. */
  close(client: Client): void {
    client.closing = true;
    this.outbox.sendAll();
    client.link.end();
  }
}
