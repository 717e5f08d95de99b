/**
 * A snapshot that goes to replicas by way of a file: made as for BGSAVE, sent to each at its own speed.
 *
 *   temp-….rdb, durable ▸ $<length> ▸ the file ▸ online
 *                          └─ the last one has it ─▶ the file of the last save, where this server saves at all
 */
import { FileError, type Timer } from '../../base/host.js';
import type { Client } from '../client.js';
import type { Node } from '../node.js';
import { type Aux, discard, writerFor } from '../persistence/rdb-file.js';
import { type FileEnd, SnapshotFile } from '../persistence/snapshot-file.js';
import { type FullSync, LINK_BYTES, RETRY_MS, SLICE_MS } from './full-sync.js';
import { keepsFiles, syncFileName } from './spool.js';

const PART_BYTES = 128 * 1024;

export class FileSync implements FullSync {
  private readonly file: SnapshotFile;
  /** What is sent, once it is complete. */
  private written: { readonly path: string; readonly length: number; readonly savedChanges: number } | null = null;
  /** Of each replica, how much of the file it has had. */
  private readonly sent = new Map<Client, number>();
  private isOver = false;
  private timer: Timer | null = null;
  /** Files of saves that there were when this one was begun. */
  private readonly savesBefore: number;

  constructor(
    private readonly node: Node,
    private readonly clients: Set<Client>,
    aux: Aux,
    private readonly done: () => void,
  ) {
    const { host, server } = node;
    server.saving.count++;
    this.savesBefore = server.saving.filesMade;
    const syncsAlong = node.config.rdbSaveIncrementalFsync;
    const nameOf = (pid: number): string => syncFileName(host, pid);
    const order = { writer: writerFor(node), aux: () => aux, nameOf, syncsAlong };
    this.file = new SnapshotFile(node, order, (end) => this.ended(end));
    node.log('notice', `Background saving started by pid ${this.file.pid}`);
  }

  get isSpooling(): boolean {
    return this.written === null;
  }

  /** Whoever comes while it is made for others may have it, too: the stream from its moment on is kept for them. */
  join(client: Client): boolean {
    if (!this.isSpooling || this.isOver || this.clients.size === 0) return false;
    this.clients.add(client);
    return true;
  }

  /** A save that somebody wants anyway goes on without replicas. */
  forget(client: Client): void {
    if (!this.clients.delete(client) || this.clients.size > 0 || this.isOver) return;
    if (this.written !== null) this.leave();
    else if (this.node.config.save.length === 0) {
      this.file.abandon();
      this.over();
    }
  }

  abandon(): void {
    this.timer?.cancel();
    this.isOver = true;
    if (this.written !== null) return discard(this.node, this.written.path);
    this.node.log('warning', 'There is a child saving an .rdb. Killing it!');
    this.file.abandon();
  }

  private ended(end: FileEnd): void {
    const { node } = this;
    if (end.kind !== 'written') {
      node.server.saving.notSaved(end);
      this.over();
      return this.sendAway();
    }
    node.log('notice', 'Background saving terminated with success');
    try {
      this.written = { ...end, length: node.host.files.size(end.path) ?? 0 };
    } catch (error) {
      return this.failed(error);
    }
    const header = Buffer.from(`$${this.written.length}\r\n`);
    for (const client of this.clients) {
      client.link.write(header);
      this.sent.set(client, 0);
    }
    this.run();
  }

  private readonly run = (): void => {
    this.timer = null;
    if (this.isOver) return;
    try {
      this.sendSome();
    } catch (error) {
      this.failed(error);
    }
  };

  /** It cannot be read: all who wait for it are to ask again. */
  private failed(error: unknown): void {
    if (!(error instanceof FileError)) throw error;
    this.node.log('warning', `SYNC failed. ${error.message}`);
    this.leave();
    this.sendAway();
  }

  private sendAway(): void {
    for (const client of [...this.clients]) this.node.drop(client);
  }

  private sendSome(): void {
    const { clients, node } = this;
    const until = node.host.monotonicMs() + SLICE_MS;
    let isAnyReady = clients.size > 0;
    while (isAnyReady && node.host.monotonicMs() <= until) {
      isAnyReady = false;
      for (const client of [...clients]) if (this.sendPart(client)) isAnyReady = true;
    }
    if (clients.size === 0) this.leave();
    else if (isAnyReady) node.host.endOfTurn(this.run);
    else this.timer = node.host.after(RETRY_MS, this.run);
  }

  /** False where its link is full, or it has all. */
  private sendPart(client: Client): boolean {
    const { node, written, sent } = this;
    if (written === null) throw new Error('there is no file to send');
    if (client.link.queuedBytes() > LINK_BYTES) return false;
    const offset = sent.get(client) ?? 0;
    const part = node.host.files.readPart(written.path, offset, PART_BYTES);
    if (part.length === 0) throw new FileError('', 'Short read');
    client.link.write(Buffer.from(part.buffer, part.byteOffset, part.length));
    node.replication.sentBytes += part.length;
    if (client.feed !== null) client.feed.movedAt = node.host.monotonicMs();
    sent.set(client, offset + part.length);
    if (offset + part.length < written.length) return true;
    this.clients.delete(client);
    node.replication.desk.putOnline(client);
    return false;
  }

  /** Nobody reads the file any more. */
  private leave(): void {
    const { node, written } = this;
    if (written === null || this.isOver) return;
    const { saving } = node.server;
    if (!keepsFiles(node.config) || saving.filesMade !== this.savesBefore) discard(node, written.path);
    else saving.adopt(written.path, written.savedChanges);
    this.over();
  }

  private over(): void {
    this.isOver = true;
    this.timer?.cancel();
    this.done();
  }
}
