/**
 * One snapshot on its way to the sockets of replicas, made and sent little by little while commands go on.
 *
 *   $EOF:<mark> ▸ bytes as they are made ▸ <mark> ▸ the replica's first ACK ▸ online
 *
 * How fast bytes are made is up to the slowest link: while one holds too many, nothing is made, and nothing piles up.
 * The stream from the first moment of the snapshot on waits in the backlog meanwhile.
 */
import { randomId } from '../../gossip/cluster-state.js';
import type { RdbWriter } from '../../persistence/rdb-writer.js';
import { Snapshot } from '../../persistence/snapshot.js';
import type { Wishes } from '../../replication/primary.js';
import type { Client } from '../client.js';
import type { Node } from '../node.js';
import { Pace } from '../persistence/pace.js';
import { type Aux, writeLibraries, writerFor } from '../persistence/rdb-file.js';
import { FullSync, LINK_BYTES, RETRY_MS, SLICE_MS } from './full-sync.js';

/** How much is made at a time. */
const STEP_BYTES = 32 * 1024;

export class SocketSync extends FullSync {
  readonly isSpooling = false;
  private readonly mark: Buffer;
  private readonly writer: RdbWriter;
  /** Null where no keys are wanted. */
  private readonly snapshot: Snapshot | null;
  private readonly pace: Pace;

  constructor(node: Node, clients: Set<Client>, wishes: Wishes, aux: Aux, done: () => void) {
    super(node, clients, done);
    const { config, engine, host } = node;
    node.server.saving.begun();
    this.pace = new Pace(host, () => config.rdbKeySaveDelay);
    this.mark = Buffer.from(
      randomId(() => host.random()),
      'latin1',
    );
    this.writer = writerFor(node);
    this.snapshot = wishes.withoutKeys ? null : new Snapshot(engine, this.writer, aux);
    if (this.snapshot === null) this.writer.begin(aux);
    if (!wishes.withoutFunctions) writeLibraries(node, this.writer);
    if (this.snapshot === null) this.writer.end();
    this.toAll(Buffer.concat([Buffer.from('$EOF:'), this.mark, Buffer.from('\r\n')]));
    node.log('notice', `Background RDB transfer started by pid ${host.process.pid}`);
    host.endOfTurn(this.run);
  }

  /** The first bytes are gone. */
  join(): boolean {
    return false;
  }

  protected deserted(): void {
    this.node.log('warning', 'Diskless rdb transfer, last replica dropped, killing fork child.');
    this.wipe();
    this.over();
  }

  protected wipe(): void {
    this.snapshot?.cancel();
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

  protected slice(): void {
    const { host } = this.node;
    this.noteMoving();
    const until = host.monotonicMs() + SLICE_MS;
    do {
      if (this.isCongested) return this.later(RETRY_MS);
      const aheadMs = this.aheadMs();
      if (aheadMs > 0) return this.later(aheadMs);
      const state = this.snapshot?.step(this.stepBytes) ?? 'done';
      this.toAll(this.writer.take());
      if (state === 'done') return this.allSent();
    } while (host.monotonicMs() < until);
    host.endOfTurn(this.run);
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

  private allSent(): void {
    const { node, clients } = this;
    this.toAll(this.mark);
    node.log('warning', `Diskless rdb transfer, done reading from pipe, ${clients.size} replicas still up.`);
    node.log('notice', 'Background RDB transfer terminated with success');
    for (const client of [...clients]) {
      const name = node.replication.replicas.nameOf(client);
      const feed = node.replication.desk.feedOf(client);
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
    this.over();
  }
}
