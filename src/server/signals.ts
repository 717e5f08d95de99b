/**
 * Signals: those that end a server are handed to its node, once there is one; a terminal that goes away ends nothing.
 *
 * Before the node is there, and for a server that only prints its version, they end the process at once.
 */
import type { ShutdownSignal } from '../node/admin/shutdown.js';

/** Returns the way to hand signals on. */
export function followSignals(): (receive: (signal: ShutdownSignal) => void) => void {
  let receive: (signal: ShutdownSignal) => void = () => process.exit(0);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => receive(signal));
  process.on('SIGHUP', () => {});
  return (receiver) => {
    receive = receiver;
  };
}
