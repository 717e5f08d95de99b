/**
 * A replica whose primary is the test: one link, and what the replica says on it.
 */
import type { ByteLink, LinkEvents, StreamAddress } from '../../src/base/host.js';
import type { Node } from '../../src/node/node.js';
import { nodeOn, TestHost } from './lone-node.js';

/** A host with one link, whose other end is the test. */
export class OneLinkHost extends TestHost {
  events: LinkEvents | null = null;
  said = '';
  /** Nobody reads at this end. */
  isPaused = false;
  private turnsOver: (() => void)[] = [];
  /** In a test that counts turns, `turnIsOver` ends one; else each event is a turn. */
  countsTurns = false;

  override connect(_address: StreamAddress, events: LinkEvents): ByteLink {
    this.events = events;
    return {
      write: (bytes) => void (this.said += Buffer.from(bytes).toString('latin1')),
      queuedBytes: () => 0,
      close: () => {},
      pauseReading: () => (this.isPaused = true),
      resumeReading: () => (this.isPaused = false),
      remoteHost: '10.0.0.1',
      remotePort: 6379,
      localHost: '10.0.0.2',
      localPort: 40_000,
    };
  }

  override endOfTurn(run: () => void): void {
    if (this.countsTurns) this.turnsOver.push(run);
    else super.endOfTurn(run);
  }

  turnIsOver(): void {
    for (const run of this.turnsOver.splice(0)) run();
  }

  hear(text: string): void {
    this.events?.onBytes(Buffer.from(text));
  }
}

/** A node that has connected to its primary, and waits for its first word. */
export function following(...conf: readonly string[]): { host: OneLinkHost; node: Node } {
  const host = new OneLinkHost();
  const node = nodeOn(host, ['replicaof 10.0.0.1 6379', 'save ""', ...conf]);
  node.start();
  host.pass(2000);
  host.events?.onUp();
  return { host, node };
}
