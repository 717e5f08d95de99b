/**
 * Our way to our primary on a host: the state machine of `replication/replica.ts` with its link.
 *
 *   bytes of the link ─▶ lines (handshake) ─▶ snapshot (SyncIntake) ─▶ stream of commands (PrimaryStream)
 *
 * One chunk may hold the end of one and the beginning of the next.
 */
import type { ByteLink, LinkEvents } from '../../base/host.js';
import { type Reply, ReplyError, ReplyReader, encodeRequest } from '../../resp/reply-reader.js';
import { type FollowEffect, type FollowEvent, Follower } from '../../replication/replica.js';
import type { Node } from '../node.js';
import { PrimaryStream, type StreamKeeper } from './primary-stream.js';
import { SyncIntake, type SyncOutcome } from './sync-intake.js';
import { Valve } from './valve.js';

const LF = 10;
const NEWLINE = Buffer.from('\n');

export class Upstream {
  readonly follower: Follower;
  /** Our data is the stream of `history` up to its offset: a partial sync may go on there. */
  canResume = false;
  /** A sync with our present primary was completed, and nothing has replaced its data since. */
  isSynced = false;
  /** Monotonic ms since when there is no stream; null while there is one, or was none ever. */
  downAt: number | null = null;
  intake: SyncIntake | null = null;
  stream: PrimaryStream | null = null;
  private link: ByteLink | null = null;
  private valve: Valve | null = null;
  private reader: ReplyReader | null = null;
  /** A chunk ended within a line: a line end that follows is the end of that one, and no sign of life. */
  private isAmidLine = false;
  /** Links that were closed are not listened to any more. */
  private serial = 0;
  private database = 0;
  /** A primary that knows no PSYNC is told of no offsets. */
  private takesAcks = true;
  private syncOffset = 0;
  private syncId: string | null = null;
  /** What came behind a snapshot that is being loaded. */
  private behind: Buffer[] = [];

  constructor(
    private readonly node: Node,
    private readonly keeper: StreamKeeper,
  ) {
    const { config } = node;
    this.follower = new Follower(() => ({
      listeningPort: config.replicaAnnouncePort || config.port,
      announcedAddress: config.replicaAnnounceIp,
      user: config.masteruser,
      password: config.masterauth,
      timeoutMs: config.replTimeout * 1000,
      resume: this.canResume ? node.replication.history : null,
    }));
  }

  /** Monotonic ms of the last byte of the primary. */
  get heardAt(): number {
    return this.follower.heardAt;
  }

  step(event: FollowEvent): void {
    const effects = this.follower.step(event, this.node.host.monotonicMs());
    for (const effect of effects) this.perform(effect);
  }

  private perform(effect: FollowEffect): void {
    switch (effect.kind) {
      case 'Connect':
        return this.connect(effect.host, effect.port);
      case 'Close':
        return this.close();
      case 'Send':
        this.link?.write(Buffer.concat(effect.requests.map(encodeRequest)));
        return;
      case 'Log':
        return this.node.log(effect.level, effect.text);
      case 'Transfer':
        return this.beginSync(effect.id, effect.offset);
      case 'Resume':
        return this.resume(effect.id);
      case 'Lost':
        return this.lose();
      case 'HandedOver':
        return this.node.replication.handover.answered(effect.accepted);
    }
  }

  // ── the link ──────────────────────────────────────────────────────────────

  private connect(host: string, port: number): void {
    const { node } = this;
    const from = node.config.bindSourceAddr;
    this.close();
    this.isAmidLine = false;
    this.reader = new ReplyReader({
      onReply: (reply) => this.step({ kind: 'Reply', line: lineOf(reply) }),
      onGarbage: (reason) => this.drop(reason),
    });
    this.link = node.host.connect({ host, port, ...(from === '' ? {} : { from }) }, this.eventsOf(++this.serial));
    this.valve = new Valve(node.host, this.link);
  }

  private eventsOf(serial: number): LinkEvents {
    const isPresent = (): boolean => serial === this.serial;
    return {
      onUp: () => isPresent() && this.step({ kind: 'Up' }),
      onBytes: (bytes) => isPresent() && this.take(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)),
      onDown: (reason) => isPresent() && this.down(reason),
    };
  }

  private down(reason: string): void {
    this.link = null;
    this.leaveSync();
    this.step({ kind: 'Down', reason });
  }

  /** Ends the link from here: it is as if it had broken. */
  private drop(reason: string): void {
    this.close();
    this.step({ kind: 'Down', reason });
  }

  private close(): void {
    this.serial++;
    const { link } = this;
    this.link = null;
    this.leaveSync();
    link?.close();
  }

  private leaveSync(): void {
    this.intake?.abandon();
    this.intake = null;
    this.behind = [];
  }

  // ── what it brings ────────────────────────────────────────────────────────

  private take(bytes: Buffer): void {
    const { serial, valve } = this;
    const { host, replication } = this.node;
    const since = host.monotonicMs();
    replication.receivedBytes += bytes.length;
    for (let at = 0; at < bytes.length && serial === this.serial; ) at += this.takeSome(bytes.subarray(at));
    if (serial === this.serial) valve?.spent(host.monotonicMs() - since);
  }

  private takeSome(bytes: Buffer): number {
    if (this.stream !== null) {
      this.step({ kind: 'Heard' });
      this.stream.feed(bytes);
      return bytes.length;
    }
    if (this.intake !== null) {
      const { serial } = this;
      this.step({ kind: 'Heard' });
      const used = this.intake.feed(bytes);
      if (serial !== this.serial) return bytes.length; // it came to nothing, and another link is being opened
      if (used < bytes.length && this.stream === null) this.behind.push(Buffer.from(bytes.subarray(used)));
      return this.stream === null ? bytes.length : used;
    }
    const end = bytes.indexOf(LF) + 1;
    const line = end === 0 ? bytes : bytes.subarray(0, end);
    if (line.length === 1 && end > 0 && !this.isAmidLine) this.step({ kind: 'Heard' });
    else this.reader?.feed(Buffer.from(line));
    this.isAmidLine = end === 0;
    return line.length;
  }

  // ── snapshot and stream ───────────────────────────────────────────────────

  private beginSync(id: string | null, offset: number): void {
    const { valve } = this;
    if (this.link === null || valve === null) return;
    this.syncId = id;
    this.syncOffset = offset;
    this.takesAcks = id !== null;
    this.intake = new SyncIntake(this.node, valve, { id, offset }, (outcome) => this.synced(outcome));
  }

  private synced(outcome: SyncOutcome): void {
    const { node, link } = this;
    this.intake = null;
    if (!outcome.ok) return this.step({ kind: outcome.isRefused ? 'SyncRefused' : 'SyncFailed' });
    if (link === null) throw new Error('a snapshot came without a link');
    node.replication.adoptHistory(this.syncId, this.syncOffset);
    this.openStream(link, outcome.database);
    this.step({ kind: 'Synced' });
    node.log('notice', 'MASTER <-> REPLICA sync: Finished with success');
    if (outcome.wantsAck) this.sendAck();
    node.server.aof.restart();
    for (const bytes of this.behind.splice(0)) this.stream?.feed(bytes);
  }

  private resume(id: string | null): void {
    const { node, link } = this;
    if (link === null) throw new Error('a stream goes on without a link');
    node.replication.continueHistory(id);
    this.openStream(link, this.database);
    node.server.aof.restart(); // a sync into spare databases that broke off may have ended it
  }

  private openStream(link: ByteLink, database: number): void {
    const { node } = this;
    this.downAt = null;
    this.canResume = this.isSynced = true;
    this.stream = new PrimaryStream(node, link, node.replication.history.offset, database, this.keeper);
  }

  private lose(): void {
    const { stream } = this;
    this.stream = null;
    this.downAt = stream?.endedAt ?? this.node.host.monotonicMs();
    if (stream === null) return;
    this.database = stream.database;
    if (!this.takesAcks) this.canResume = false;
    stream.end();
  }

  /** The stream was none: what we have may be wrong, so nothing is gone on with. */
  streamBroken(reason: string): void {
    this.node.log('warning', `Protocol error from the primary (${reason}): its stream is given up`);
    this.canResume = false;
    this.drop(reason);
    this.canResume = false;
  }

  /** Where the stream was is of no use any more. */
  forgetPlace(): void {
    if (this.canResume) this.node.log('notice', 'Discarding previously cached master state.');
    this.canResume = false;
  }

  sendAck(): void {
    if (this.stream === null || !this.takesAcks) return;
    const offset = String(this.node.replication.history.offset);
    this.node.outbox.prepare(); // what is acknowledged is written down
    this.link?.write(encodeRequest(['REPLCONF', 'ACK', offset]));
  }

  /** A primary that hears nothing while we load would give us up. */
  showLife(): void {
    if (this.intake?.loading) this.link?.write(NEWLINE);
  }

  /** The database that the stream of our data stands in. */
  get streamDatabase(): number {
    return this.stream?.database ?? this.database;
  }

  /** Where a fresh stream begins: a primary that becomes a replica has written in no particular database. */
  standAtDatabase(index: number): void {
    this.database = index;
  }
}

/** A reply of the handshake as the line that it was. */
function lineOf(reply: Reply): string {
  if (reply instanceof ReplyError) return `-${reply.text}`;
  return Buffer.isBuffer(reply) ? `+${reply.toString('latin1')}` : `:${String(reply)}`;
}
