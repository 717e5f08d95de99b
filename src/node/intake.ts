/**
 * From bytes to commands: every read of every client goes through here.
 *
 *   socket ──▶ shared read buffer ──▶ parser ──▶ up to 64 requests ──▶ read ahead ──▶ dispatcher ──▶ outbox
 *                                        └ the rest of a split command: a parser of the client's own
 *
 * HOT. One client's read is served to its end before the next one starts. bench: all
 */
import type { Dispatcher } from '../commands/dispatch.js';
import { PROTOCOL_ERROR, type RequestLimits, RequestParser } from '../resp/reader.js';
import type { Request } from '../resp/request.js';
import type { ReplyWriter } from '../resp/writer.js';
import type { Client } from './client.js';
import { UNLIMITED_BYTES } from './clients.js';
import type { Outbox } from './outbox.js';

const READ_BUFFER = 64 * 1024;
/** Replies of one read that pass this are sent before the read is finished. */
const FLUSH_AT = 192 * 1024;

export interface IntakeLimits extends RequestLimits {
  readonly clientQueryBufferLimit: number;
  readonly clientOutputBufferLimit: { readonly normal: { readonly hard: number } };
}

/** What becomes of a client that breaks the rules. */
export interface Doorman {
  protocolError(client: Client, parser: RequestParser): void;
  queryBufferExceeded(client: Client, parser: RequestParser): void;
  mayHold(client: Client, bytes: number): boolean;
  /** Runs a command of a client that is, or will be, a replica. */
  serveReplica(client: Client, request: Request): void;
  /** A command of it has run, or several. */
  hasServed(client: Client): void;
}

export class Intake {
  /** Every read lands at its start: the host fills it, then calls `received`. */
  readonly shared: Buffer = Buffer.allocUnsafeSlow(READ_BUFFER);
  /** INFO total_net_input_bytes. */
  receivedBytes = 0;
  /** INFO total_reads_processed. */
  reads = 0;
  /** Bytes of the read that is being served, with what was left of the one before. */
  presentBytes = 0;
  /** Whose requests are being served. */
  served: Client | null = null;
  /** How many commands had run before. */
  private ranBefore = 0;
  private readonly parser: RequestParser;

  constructor(
    private readonly out: ReplyWriter,
    private readonly outbox: Outbox,
    private readonly dispatcher: Dispatcher,
    private readonly limits: IntakeLimits,
    private readonly doorman: Doorman,
    private readonly close: (client: Client) => void,
  ) {
    this.parser = new RequestParser(this.shared, limits);
    out.maySpill = (bytes) => this.served === null || doorman.mayHold(this.served, bytes);
  }

  /** `length` bytes for this client stand at the start of `shared`; `now` is the wall clock in ms. */
  received(client: Client, length: number): void {
    if (client.closing || client.gone) return;
    this.receivedBytes += length;
    this.reads++;
    const own = client.parser;
    if (own !== null) {
      if (!own.append(this.shared, length)) return this.doorman.queryBufferExceeded(client, own);
      if (client.waiting) return this.checkLimit(client, own);
      this.presentBytes = own.pendingBytes;
      this.runAll(client, own);
    } else if (client.waiting) {
      this.parser.feed(length);
      this.checkLimit(client, (client.parser = this.parser.carryOver()));
    } else {
      this.parser.feed(length);
      this.presentBytes = length;
      this.runAll(client, this.parser);
    }
  }

  /** The client may go on: an answer that was written for it goes out, and what it sent meanwhile is served. */
  resume(client: Client): void {
    client.waiting = client.postponed = false;
    if (client.parser !== null && !client.closing) this.runAll(client, client.parser);
    else this.outbox.flush(client);
  }

  private runAll(client: Client, parser: RequestParser): void {
    this.served = client;
    this.ranBefore = this.dispatcher.processed;
    if (client.pushed !== null) this.outbox.pushFirst(client);
    const status = this.serve(client, parser);
    this.served = null;
    if (this.hasRunSome) this.doorman.hasServed(client);
    if (client.gone) return this.abandon(parser);
    if (status === PROTOCOL_ERROR) {
      this.doorman.protocolError(client, parser);
      this.forget(client, parser);
    } else if (client.closing) this.forget(client, parser);
    else if (parser === this.parser) {
      if (!parser.idle) this.checkLimit(client, (client.parser = parser.carryOver()));
    } else if (parser.idle && !client.waiting) client.parser = null;
    else this.checkLimit(client, parser);
    if (client.gone) return this.abandon(parser);
    this.outbox.flush(client);
    if (client.closing && !client.gone) this.close(client);
  }

  /** Since the present read began; the command that runs does not count. */
  get hasRunSome(): boolean {
    return this.dispatcher.processed !== this.ranBefore;
  }

  private abandon(parser: RequestParser): void {
    this.dropReplies();
    parser.reset();
  }

  /** Whoever was served is gone: nobody may get his replies. */
  dropReplies(): void {
    this.out.dropFrom(0);
    this.out.isTooMuch = false;
  }

  private forget(client: Client, parser: RequestParser): void {
    client.closing = true;
    client.parser = null;
    parser.reset();
  }

  private checkLimit(client: Client, parser: RequestParser): void {
    if (parser.unparsedBytes > this.limits.clientQueryBufferLimit) this.doorman.queryBufferExceeded(client, parser);
  }

  /** Runs all complete requests; returns the parser's status, or that it was stopped. */
  private serve(client: Client, parser: RequestParser): number {
    const { dispatcher, out } = this;
    const isLimited = !client.authenticated || this.limits.clientOutputBufferLimit.normal.hard > 0;
    const lookAt = isLimited ? UNLIMITED_BYTES : FLUSH_AT;
    for (;;) {
      parser.unauthenticated = !client.authenticated;
      const n = parser.batch();
      dispatcher.prepare(parser.reqs, n, client);
      for (let k = 0; k < n; k++) {
        if (client.feed === null) dispatcher.execute(parser.reqs[k]!, client);
        else this.doorman.serveReplica(client, parser.reqs[k]!);
        if (out.pos + out.spilledBytes > lookAt && !client.gone) this.easeOutput(client);
        if (client.waiting || client.closing || client.gone) {
          parser.takeBack(client.postponed ? k : k + 1);
          dispatcher.settle();
          return parser.status;
        }
      }
      if (parser.status === 1) continue;
      dispatcher.settle(); // not for each batch: an inline request is one by itself, and quicker than the clock
      return parser.status;
    }
  }

  /** Long replies leave before the read is finished, except where a limit holds: all of them count then. */
  private easeOutput(client: Client): void {
    const { out } = this;
    if (client.authenticated && this.limits.clientOutputBufferLimit.normal.hard === 0) this.outbox.sendNow(client);
    else if (out.mark() > UNLIMITED_BYTES) this.doorman.mayHold(client, out.mark());
  }
}
