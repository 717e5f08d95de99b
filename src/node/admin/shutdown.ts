/**
 * The end of a node: asked for by SHUTDOWN, or by a signal.
 *
 *   SIGTERM ─▶ noted ─▶ next tick ─┐
 *   SHUTDOWN ──────────────────────┴─▶ save? ─▶ nodes.conf ─▶ files of the process removed ─▶ exit 0
 *
 * A signal is not obeyed at once but by the next tick: so SHUTDOWN ABORT can take it back, as in Redis.
 */
import type { ShutdownDoor, ShutdownOrder } from '../../commands/server/shutdown.js';
import type { Node } from '../node.js';

export type ShutdownSignal = 'SIGINT' | 'SIGTERM';

const RECEIVED: Readonly<Record<ShutdownSignal, string>> = {
  SIGINT: 'Received SIGINT scheduling shutdown...',
  SIGTERM: 'Received SIGTERM scheduling shutdown...',
};

export class Shutdown implements ShutdownDoor {
  private wanted: ShutdownSignal | null = null;

  constructor(private readonly node: Node) {}

  /** The process got a signal. A second SIGINT is meant. */
  signal(signal: ShutdownSignal): void {
    const { node } = this;
    if (this.wanted !== null && signal === 'SIGINT') {
      node.log('warning', 'You insist... exiting now.');
      node.server.machine.exit(1);
      return;
    }
    node.log('warning', RECEIVED[signal]);
    this.wanted = signal;
  }

  /** Ten times a second. */
  tick(): void {
    const { wanted } = this;
    if (wanted === null) return;
    const { shutdownOnSigint, shutdownOnSigterm } = this.node.config;
    if (!this.begin(orderOf(wanted === 'SIGINT' ? shutdownOnSigint : shutdownOnSigterm))) this.wanted = null;
  }

  abort(): boolean {
    if (this.wanted === null) return false;
    this.wanted = null;
    this.node.log('notice', 'Shutdown manually aborted.');
    return true;
  }

  begin(order: ShutdownOrder): boolean {
    const { node } = this;
    node.log('warning', 'User requested shutdown...');
    if (order.save === true && !this.mayGoUnsaved(order)) return false;
    node.membership?.finish();
    node.server.machine.tidy();
    node.log('warning', 'Redis is now ready to exit, bye bye...');
    node.server.machine.exit(0);
    return true;
  }

  /** A save that was asked for in words, and that this server cannot do. */
  private mayGoUnsaved({ force }: ShutdownOrder): boolean {
    const { node } = this;
    node.log('notice', 'Saving the final RDB snapshot before exiting.');
    if (force) {
      node.log('warning', 'Error trying to save the DB. Exit anyway.');
      return true;
    }
    node.log('warning', "Error trying to save the DB, can't exit.");
    node.log('warning', 'Errors trying to shut down the server. Check the logs for more information.');
    return false;
  }
}

/** shutdown-on-sigint and shutdown-on-sigterm. */
function orderOf(words: readonly string[]): ShutdownOrder {
  const save = words.includes('save') ? true : words.includes('nosave') ? false : null;
  return { save, now: words.includes('now'), force: words.includes('force') };
}
