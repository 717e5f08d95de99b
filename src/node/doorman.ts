/**
 * What becomes of clients that break the rules: by what they send, by what they do not read, by doing nothing.
 *
 *   no protocol at all ▸ the error, and the end behind it
 *   too much asked, too much unread, HTTP ▸ the end at once: what waits to be sent is dropped
 *
 * The lines of the log are those of Redis. Those of the level `verbose` are only made where somebody reads them.
 */
import { quote } from '../base/quoting.js';
import type { RequestParser } from '../resp/reader.js';
import type { Request } from '../resp/request.js';
import type { Client } from './client.js';
import type { Doorman as Rules } from './intake.js';
import type { Node } from './node.js';
import { serveReplica } from './replication/peer-errors.js';

/** Of a broken request, so many bytes at both ends are logged. */
const SAMPLE = 64;
/** Someone who sends HTTP does so again and again. */
const ATTACK_LOGGED_EVERY_MS = 60_000;

const ATTACK =
  'Possible SECURITY ATTACK detected. It looks like somebody is sending POST or Host: commands to Redis. This is ' +
  'likely due to an attacker attempting to use Cross Protocol Scripting to compromise your Redis instance. ' +
  'Connection aborted.';

/** The words of the log where they are not those of the reply. */
const LOGGED_AS: ReadonlyMap<string, string> = new Map([
  ['unbalanced quotes in request', 'unbalanced quotes in inline request'],
  ['invalid multibulk length', 'invalid mbulk count'],
  ['unauthenticated multibulk length', 'unauth mbulk count'],
  ['unauthenticated bulk length', 'unauth bulk length'],
]);

export class Doorman implements Rules {
  private attackLoggedAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly node: Node) {}

  protocolError(client: Client, parser: RequestParser): void {
    const { node } = this;
    const text = `ERR Protocol error: ${parser.error}`;
    if (client.replies === 'on') node.out.error(text);
    else node.out.errorCount++;
    node.dispatcher.stats.erred(text);
    if (!this.isVerbose) return;
    const reason = parser.error.startsWith('expected')
      ? 'expected $ but got something else'
      : (LOGGED_AS.get(parser.error) ?? parser.error);
    const sample = sampleOf(parser);
    node.log('verbose', `Protocol error (${reason}) from client: ${this.lineOf(client)}. ${sample}`);
  }

  queryBufferExceeded(client: Client, parser: RequestParser): void {
    const bytes = quote(parser.unparsed(SAMPLE));
    const line = `Closing client that reached max query buffer length: ${this.lineOf(client)}`;
    this.node.log('warning', `${line} (qbuf initial bytes: ${bytes})`);
    this.node.drop(client);
  }

  /** So many bytes wait to be sent, or will: false where they are too many, and the client is gone. */
  mayHold(client: Client, bytes: number): boolean {
    if (client.gone) return false;
    if (!this.node.clients.passesLimit(client, bytes, this.node.host.monotonicMs())) return true;
    const line = `Client ${this.lineOf(client)} scheduled to be closed ASAP for overcoming of output buffer limits.`;
    this.node.log('warning', line);
    this.node.drop(client);
    return false;
  }

  serveReplica(client: Client, request: Request): void {
    serveReplica(this.node, client, request);
  }

  hasServed(client: Client): void {
    client.hasSeen = this.node.replication.history.offset;
  }

  /** A browser was made to speak to us: nothing is answered, not even what came before. */
  httpSpoken(client: Client): void {
    const now = this.node.host.monotonicMs();
    if (now - this.attackLoggedAt > ATTACK_LOGGED_EVERY_MS) {
      this.attackLoggedAt = now;
      this.node.log('warning', ATTACK);
    }
    this.node.drop(client);
  }

  welcomed(client: Client): void {
    if (!this.isVerbose) return;
    const { link } = client;
    const text = link.kind === 'unix' ? `connection to ${link.remote.slice(0, -2)}` : link.remote.replace(/[[\]]/g, '');
    this.node.log('verbose', `Accepted ${text}`);
  }

  left(client: Client): void {
    if (this.isVerbose) this.node.log('verbose', `Client closed connection ${this.lineOf(client)}`);
  }

  /** Once a second: who was silent for too long, and who has had a long backlog for too long. */
  makeRounds(nowMs: number): void {
    const { clients } = this.node;
    for (const client of [...clients.idle(nowMs)]) {
      this.node.log('verbose', 'Closing idle client');
      this.node.drop(client);
    }
    for (const client of clients.all.values()) {
      if (client.softLimitAt === 0 || !clients.passesLimit(client, client.link.queuedBytes(), nowMs)) continue;
      this.node.log('warning', `Client ${this.lineOf(client)} closed for overcoming of output buffer limits.`);
      this.node.drop(client);
    }
  }

  private lineOf(client: Client): string {
    return this.node.connections.describe(client, null);
  }

  private get isVerbose(): boolean {
    const { loglevel } = this.node.config;
    return loglevel === 'verbose' || loglevel === 'debug';
  }
}

/** What was inside, with a dot for what does not print. */
function sampleOf(parser: RequestParser): string {
  const bytes = parser.unparsed(Number.POSITIVE_INFINITY);
  const text = (part: Buffer): string => part.toString('latin1').replace(/[^\x20-\x7e]/g, '.');
  if (bytes.length < SAMPLE * 2) return `Query buffer during protocol error: '${text(bytes)}'`;
  const more = `(... more ${bytes.length - SAMPLE * 2} bytes ...)`;
  const [head, tail] = [bytes.subarray(0, SAMPLE), bytes.subarray(-SAMPLE)];
  return `Query buffer during protocol error: '${text(head)}' ${more} '${text(tail)}'`;
}
