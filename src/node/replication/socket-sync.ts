/**
 * One snapshot on its way to replicas, made and sent little by little while commands go on.
 *
 *   to sockets   $EOF:<mark> ▸ bytes as they are made ▸ <mark> ▸ the replica's first ACK ▸ online
 *   to disk      bytes into a file ▸ $<length> ▸ the file, to each at its own speed ▸ online
 *
 * How fast bytes are made is up to the slowest link: while one holds too many, nothing is made, and nothing piles up.
 * The stream from the first moment of the snapshot on waits in the backlog meanwhile.
 */
import { FileError, type Timer } from '../../base/host.js';
import type { RdbWriter } from '../../persistence/rdb-writer.js';
import { Snapshot } from '../../persistence/snapshot.js';
import type { Feed, Wishes } from '../../replication/primary.js';
import type { Client } from '../client.js';
import type { Node } from '../node.js';
import { Pace } from '../persistence/pace.js';
import { writerFor } from '../persistence/rdb-file.js';
import { Spool } from './spool.js';

/** How much is made at a time, and how long one goes on without looking at anybody else. */
const STEP_BYTES = 32 * 1024;
const SLICE_MS = 1;
const LINK_BYTES = 512 * 1024;
const FILE_PART_BYTES = 128 * 1024;
const MARK_DIGITS = 40;
const RETRY_MS = 1;

export type Target = 'sockets' | 'disk';

export class FullSync {
  readonly target: Target;
  isSpooling = false;
  private readonly mark: Buffer;
  private readonly writer: RdbWriter;
  /** Null where no keys are wanted. */
  private readonly snapshot: Snapshot | null;
  private spool: Spool | null = null;
  /** Of each replica, how much of the file it has had. */
  private readonly sent = new Map<Client, number>();
  private isOver = false;
  private timer: Timer | null = null;
  private readonly pace: Pace;

  constructor(
    private readonly node: Node,
    private readonly clients: Set<Client>,
    target: Target,
    wishes: Wishes,
    aux: readonly (readonly [name: string, value: string])[],
    private readonly done: () => void,
  ) {
    const { config, engine, host } = node;
    this.target = target;
    this.pace = new Pace(host, () => config.rdbKeySaveDelay);
    this.mark = Buffer.from(
      randomHex(() => host.random()),
      'latin1',
    );
    this.writer = writerFor(node);
    this.snapshot = wishes.withoutKeys ? null : new Snapshot(engine, this.writer, aux);
    if (this.snapshot === null) this.writeNothing(aux);
    if (target === 'sockets') this.toAll(Buffer.concat([Buffer.from('$EOF:'), this.mark, Buffer.from('\r\n')]));
    else this.isSpooling = true;
    node.log('notice', `Background RDB transfer started by pid ${host.process.pid}`);
    host.endOfTurn(this.run);
  }

  private writeNothing(aux: readonly (readonly [name: string, value: string])[]): void {
    this.writer.begin(aux);
    this.writer.end();
  }

  /** A replica is gone: with the last one there is nobody left to do this for. */
  forget(client: Client): void {
    if (!this.clients.delete(client) || this.clients.size > 0 || this.isOver) return;
    if (this.target === 'sockets')
      this.node.log('warning', 'Diskless rdb transfer, last replica dropped, killing fork child.');
    this.leave();
  }

  /** It comes to no end: all who wait for it are to ask again. */
  abandon(): void {
    for (const client of [...this.clients]) this.node.drop(client);
  }

  private leave(): void {
    this.isOver = true;
    this.timer?.cancel();
    this.snapshot?.cancel();
    this.spool?.discard();
    this.done();
  }

  private readonly run = (): void => {
    this.timer = null;
    if (this.isOver) return;
    this.noteMoving();
    try {
      if (this.target === 'sockets') this.feedSockets();
      else if (this.isSpooling) this.feedFile();
      else this.sendFile();
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      this.node.log('warning', `SYNC failed. ${error.message}`);
      this.abandon();
    }
  };

  private again(): void {
    this.node.host.endOfTurn(this.run);
  }

  private later(ms: number): void {
    this.timer = this.node.host.after(ms, this.run);
  }

  private get stepBytes(): number {
    return this.pace.isSlow ? 1 : STEP_BYTES;
  }

  private aheadMs(): number {
    return this.snapshot === null ? 0 : this.pace.aheadMs(this.snapshot.progress.keys);
  }

  /** Whoever takes bytes is not stuck, however slowly they are made. */
  private noteMoving(): void {
    const now = this.node.host.monotonicMs();
    for (const { link, feed } of this.clients)
      if (feed !== null && link.queuedBytes() <= LINK_BYTES) feed.movedAt = now;
  }

  // ── to sockets ────────────────────────────────────────────────────────────

  private feedSockets(): void {
    const { host } = this.node;
    const until = host.monotonicMs() + SLICE_MS;
    do {
      if (this.isCongested) return this.later(RETRY_MS);
      const aheadMs = this.aheadMs();
      if (aheadMs > 0) return this.later(aheadMs);
      const state = this.snapshot?.step(this.stepBytes) ?? 'done';
      this.toAll(this.writer.take());
      if (state === 'done') return this.socketsDone();
    } while (host.monotonicMs() < until);
    this.again();
  }

  private get isCongested(): boolean {
    for (const { link } of this.clients) if (link.queuedBytes() > LINK_BYTES) return true;
    return false;
  }

  private toAll(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    for (const { link } of this.clients) {
      link.write(buffer);
      this.node.replication.sentBytes += buffer.length;
    }
  }

  private socketsDone(): void {
    const { node, clients } = this;
    this.toAll(this.mark);
    node.log('warning', `Diskless rdb transfer, done reading from pipe, ${clients.size} replicas still up.`);
    node.log('notice', 'Background RDB transfer terminated with success');
    for (const client of [...clients]) {
      const name = node.replication.replicas.nameOf(client);
      const feed = feedOf(client);
      feed.stage = 'sent';
      feed.ackedAt = node.host.monotonicMs(); // from now on it has to speak
      if (feed.rdbOnly) node.replication.desk.dismiss(client);
      else
        node.log(
          'notice',
          `Streamed RDB transfer with replica ${name} succeeded (socket). ` +
            'Waiting for REPLCONF ACK from slave to enable streaming',
        );
    }
    this.leave();
  }

  // ── to disk ───────────────────────────────────────────────────────────────

  private feedFile(): void {
    const { host } = this.node;
    const spool = (this.spool ??= new Spool(host));
    const until = host.monotonicMs() + SLICE_MS;
    do {
      const aheadMs = this.aheadMs();
      if (aheadMs > 0) return this.later(aheadMs);
      const state = this.snapshot?.step(this.stepBytes) ?? 'done';
      spool.add(this.writer.take());
      if (state !== 'done') continue;
      this.isSpooling = false;
      this.node.log('notice', 'Background saving terminated with success');
      this.toAll(Buffer.from(`$${spool.length}\r\n`));
      for (const client of this.clients) this.sent.set(client, 0);
      return this.again();
    } while (host.monotonicMs() < until);
    this.again();
  }

  private sendFile(): void {
    const { spool, clients, node } = this;
    if (spool === null) throw new Error('there is no file to send');
    const until = node.host.monotonicMs() + SLICE_MS;
    let isAnyReady = true;
    while (isAnyReady && node.host.monotonicMs() <= until) {
      isAnyReady = false;
      for (const client of [...clients]) if (this.sendPart(client, spool)) isAnyReady = true;
      if (this.isOver) return;
    }
    if (clients.size === 0) this.leave();
    else if (isAnyReady) this.again();
    else this.later(RETRY_MS);
  }

  /** False where its link is full, or it has all. */
  private sendPart(client: Client, spool: Spool): boolean {
    if (client.link.queuedBytes() > LINK_BYTES) return false;
    const offset = this.sent.get(client) ?? 0;
    const part = spool.read(offset, FILE_PART_BYTES);
    if (part.length > 0) {
      client.link.write(Buffer.from(part.buffer, part.byteOffset, part.length));
      this.node.replication.sentBytes += part.length;
    }
    this.sent.set(client, offset + part.length);
    if (offset + part.length < spool.length) return true;
    this.clients.delete(client);
    this.node.replication.desk.putOnline(client);
    return false;
  }
}

function feedOf(client: Client): Feed {
  if (client.feed === null) throw new Error('a client is synced that is no replica');
  return client.feed;
}

function randomHex(random: () => number): string {
  let digits = '';
  while (digits.length < MARK_DIGITS) digits += Math.floor(random() * 16).toString(16);
  return digits;
}
