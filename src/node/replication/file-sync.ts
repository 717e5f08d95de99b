/**
 * A snapshot that goes to replicas by way of a file: made as for BGSAVE, sent to each at its own speed.
 *
 *   temp-….rdb, durable ▸ $<length> ▸ the file ▸ online
 *                          └─ the last one has it ─▶ the file of the last save, where this server saves at all
 */
import { FileError, messageOf } from '../../base/host.js';
import type { Client } from '../client.js';
import type { Node } from '../node.js';
import { type Aux, discard, writerFor } from '../persistence/rdb-file.js';
import { type FileEnd, SnapshotFile } from '../persistence/snapshot-file.js';
import { FullSync, LINK_BYTES, RETRY_MS, SLICE_MS } from './full-sync.js';
import { keepsFiles, syncFileName } from './spool.js';

const PART_BYTES = 128 * 1024;

interface Written {
  readonly path: string;
  /** The changes it shows, of all there ever were. */
  readonly changes: number;
}

export class FileSync extends FullSync {
  private readonly file: SnapshotFile;
  /** What is sent, once it is complete. */
  private written: Written | null = null;
  private length = 0;
  /** Of each replica, how much of the file it has had. */
  private readonly sent = new Map<Client, number>();

  constructor(node: Node, clients: Set<Client>, aux: Aux, done: () => void) {
    super(node, clients, done);
    const { host, server } = node;
    server.saving.fileBegun();
    const syncsAlong = node.config.rdbSaveIncrementalFsync;
    const nameOf = (pid: number): string => syncFileName(host, pid);
    const order = { writer: writerFor(node), aux: () => aux, nameOf, syncsAlong };
    this.file = new SnapshotFile(node, order, (end) => this.ended(end));
    node.log('notice', `Background saving started by pid ${this.file.pid}`);
  }

  get isSpooling(): boolean {
    return this.isMaking;
  }

  /** Whoever comes while it is made for others may have it, too: the stream from its moment on is kept for them. */
  join(client: Client): boolean {
    if (!this.isMaking || (!this.isStreamKept && client.feed?.rdbOnly !== true)) return false;
    this.clients.add(client);
    return true;
  }

  /** Who wants nothing but the snapshot keeps no place in the stream. */
  private get isStreamKept(): boolean {
    for (const { feed } of this.clients) if (feed !== null && feed.place !== null) return true;
    return false;
  }

  /** A save that somebody wants anyway goes on without replicas. */
  protected deserted(): void {
    if (this.written !== null) this.leave(this.written);
    else if (this.node.config.save.length === 0) {
      this.wipe();
      this.over();
    }
  }

  protected wipe(): void {
    if (this.written === null) this.file.abandon();
    else discard(this.node, this.written.path);
  }

  private ended(end: FileEnd): void {
    const { node } = this;
    this.made();
    if (end.kind !== 'written') {
      node.server.saving.notSaved(end);
      this.over();
      return this.sendAway();
    }
    node.log('notice', 'Background saving terminated with success');
    this.written = end;
    this.tryFile(() => this.announce(end.path));
    if (this.isOver) return;
    node.replication.desk.isMade(this);
    this.run();
  }

  private announce(path: string): void {
    const { node } = this;
    this.length = node.host.files.size(path) ?? 0;
    const header = Buffer.from(`$${this.length}\r\n`);
    for (const client of this.clients) {
      client.link.write(header);
      node.replication.desk.feedOf(client).stage = 'sending';
      this.sent.set(client, 0);
    }
  }

  protected slice(): void {
    this.tryFile(() => this.sendSome());
  }

  /** What cannot be read now will not be loaded at a start either: it does not become the file of the last save. */
  private tryFile(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.node.log('warning', `SYNC failed. ${messageOf(error)}`);
      this.wipe();
      this.over();
      this.sendAway();
    }
  }

  private sendSome(): void {
    const { clients, node, written } = this;
    if (written === null) throw new Error('there is no file to send');
    const until = node.host.monotonicMs() + SLICE_MS;
    let isAnyReady = clients.size > 0;
    while (isAnyReady && node.host.monotonicMs() <= until) {
      isAnyReady = false;
      for (const client of [...clients]) if (this.sendPart(client, written.path)) isAnyReady = true;
    }
    if (clients.size === 0) this.leave(written);
    else if (isAnyReady) node.host.endOfTurn(this.run);
    else this.later(RETRY_MS);
  }

  /** False where its link is full, or it has all. */
  private sendPart(client: Client, path: string): boolean {
    const { node, sent } = this;
    if (client.link.queuedBytes() > LINK_BYTES) return false;
    const offset = sent.get(client) ?? 0;
    const part = node.host.files.readPart(path, offset, PART_BYTES);
    if (part.length === 0) throw new FileError('', 'Short read');
    client.link.write(Buffer.from(part.buffer, part.byteOffset, part.length));
    node.replication.sentBytes += part.length;
    sent.set(client, offset + part.length);
    if (offset + part.length < this.length) return true;
    this.clients.delete(client);
    node.replication.desk.putOnline(client);
    return false;
  }

  /** Nobody reads the file any more. */
  private leave({ path, changes }: Written): void {
    const { node } = this;
    const { saving } = node.server;
    if (keepsFiles(node.config) && saving.isLatest(changes)) saving.adopt(path, changes);
    else discard(node, path);
    this.over();
  }
}
