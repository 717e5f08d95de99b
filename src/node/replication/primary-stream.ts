/**
 * The stream of our primary: its commands are run as those of a client whom nothing holds back and nobody answers.
 *
 *   link ──▶ parser ──▶ dispatcher ──▶ keys
 *     └── the very same bytes, as far as they were applied ──▶ backlog ──▶ our own replicas
 *
 * What counts is what was applied: up to the last whole command, and not into a transaction. From there the stream goes
 * on when the link breaks.
 */
import type { ByteLink } from '../../base/host.js';
import { FLAG } from '../../commands/row.js';
import { PROTOCOL_ERROR, RequestParser } from '../../resp/reader.js';
import type { Request } from '../../resp/request.js';
import type { Client, Connection } from '../client.js';
import type { Node } from '../node.js';
import { errorToPeer } from './peer-errors.js';
import { diskTrouble } from './refusals.js';

const BUFFER_BYTES = 64 * 1024;
const NOTHING = Buffer.alloc(0);
/** A primary sends arrays, and nothing but line ends beside them: other words were cut out of something else. */
const TYPED =
  'WARNING: Receiving inline protocol from master, master stream corruption? Closing the master connection and ' +
  'discarding the cached master.';

/** What becomes of what the stream brings. */
export interface StreamKeeper {
  /** The stream is applied up to this offset. */
  reached(offset: number): void;
  /** Bytes that were applied, in order. */
  applied(bytes: Uint8Array, from: number, to: number): void;
  /** What came is no stream of commands. */
  broken(reason: string): void;
}

/** The link as a connection: the primary stands among the clients. */
class PrimaryConnection implements Connection {
  readonly kind = 'tcp';
  readonly descriptor = -1;
  readonly unsentBytes = 0;

  constructor(
    private readonly link: ByteLink,
    private readonly onClose: () => void,
  ) {}

  get remote(): string {
    return `${this.link.remoteHost}:${this.link.remotePort}`;
  }
  get local(): string {
    return `${this.link.localHost}:${this.link.localPort}`;
  }
  write(bytes: Buffer): void {
    this.link.write(bytes);
  }
  queuedBytes(): number {
    return this.link.queuedBytes();
  }
  end(): void {
    this.close();
  }
  close(): void {
    this.onClose();
    this.link.close();
  }
}

export class PrimaryStream {
  readonly client: Client;
  /** Monotonic ms when it was ended from here (CLIENT KILL): the link says so later, maybe much later. */
  endedAt: number | null = null;
  private readonly parser: RequestParser;
  /** Offset of the stream behind the last byte that came. */
  private readOffset: number;
  /** Offset up to which the bytes were passed on. */
  private passedOffset: number;
  private reachedOffset: number;
  /** Bytes that came and are not passed on. */
  private kept: Buffer[] = [];

  constructor(
    private readonly node: Node,
    link: ByteLink,
    offset: number,
    database: number,
    private readonly keeper: StreamKeeper,
  ) {
    this.readOffset = this.passedOffset = this.reachedOffset = offset;
    this.parser = new RequestParser(Buffer.allocUnsafeSlow(BUFFER_BYTES), node.config);
    const connection = new PrimaryConnection(link, () => (this.endedAt ??= node.host.monotonicMs()));
    this.client = node.clients.adopt(connection, node.host.monotonicMs());
    this.client.fromPrimary = true;
    this.client.database = database;
  }

  /** Offset behind the last byte that came, applied or not. */
  get received(): number {
    return this.readOffset;
  }

  get database(): number {
    return this.client.database;
  }

  feed(bytes: Buffer): void {
    const { parser, node } = this;
    if (!parser.append(bytes, bytes.length)) return this.keeper.broken('too big a command');
    this.readOffset += bytes.length;
    if (node.migration.isAmidExec) return void this.kept.push(Buffer.from(bytes));
    node.turnOf(this.client);
    const isStream = this.runAll();
    this.passOn(bytes);
    if (!isStream) this.keeper.broken('Master using the inline protocol. Desync?');
    else if (parser.status === PROTOCOL_ERROR) this.keeper.broken(parser.error);
  }

  /** What came in the middle of an EXEC is run behind it. */
  goOn(): void {
    if (this.reachedOffset < this.readOffset) this.feed(NOTHING);
  }

  /** False where something came that no primary sends: nothing from there on is run. */
  private runAll(): boolean {
    const { node } = this;
    node.engine.spareDead(true);
    const isStream = this.runBatches();
    node.engine.spareDead(false);
    if (!isStream) node.log('warning', TYPED);
    return isStream;
  }

  private runBatches(): boolean {
    const { parser, client, node } = this;
    const { dispatcher } = node;
    const isInTrouble = diskTrouble(node) !== null;
    do {
      const n = parser.batch();
      if (parser.isTyped) return false;
      dispatcher.prepare(parser.reqs, n, client);
      for (let k = 0; k < n && !client.gone; k++) {
        if (isInTrouble) this.askDisk(parser.reqs[k]!);
        this.runOne(parser.reqs[k]!);
        if (client.transaction === null) {
          this.reachedOffset = this.readOffset - parser.bytesBehind(k);
          this.keeper.reached(this.reachedOffset);
        }
      }
      dispatcher.settle();
    } while (parser.status === 1 && !client.gone);
    return true;
  }

  /** What cannot be kept: it is done all the same, or the process ends. */
  private askDisk({ command }: Request): void {
    const { node } = this;
    if (((node.table.commands[command]?.flags ?? 0) & FLAG.WRITE) === 0) return;
    if (!node.config.replicaIgnoreDiskWriteErrors) return node.fatal('Replica was unable to write command to disk.');
    node.replication.obeysInTrouble();
  }

  private runOne(request: Request): void {
    const { node } = this;
    const { out } = node;
    const mark = out.mark();
    const errors = out.errorCount;
    node.dispatcher.execute(request, this.client);
    out.dropFrom(mark);
    if (out.errorCount !== errors) errorToPeer(node, this.client, request.command, out.lastError);
  }

  /** What has just come is copied only where a part of it has to wait. */
  private passOn(bytes: Buffer): void {
    if (this.kept.length === 0 && this.reachedOffset === this.readOffset) {
      this.keeper.applied(bytes, 0, bytes.length);
      this.passedOffset = this.readOffset;
      return;
    }
    this.kept.push(Buffer.from(bytes));
    while (this.passedOffset < this.reachedOffset) {
      const first = this.kept[0]!;
      const count = Math.min(first.length, this.reachedOffset - this.passedOffset);
      this.keeper.applied(first, 0, count);
      this.passedOffset += count;
      if (count < first.length) this.kept[0] = first.subarray(count);
      else this.kept.shift();
    }
  }

  end(): void {
    if (!this.client.gone) this.node.gone(this.client);
  }
}
