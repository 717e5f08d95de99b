/**
 * The process, as far as a node may command it: to stand still, to crash, to end. And the signals that it hands on.
 *
 * DEBUG and SHUTDOWN need it; a node in a simulated world has none. Before the node is there, and for a server that
 * only prints its version, a signal ends the process at once. A terminal that goes away, or an alarm, ends nothing.
 */
import type { Machine } from '../node/admin/machine.js';
import type { ShutdownSignal } from '../node/admin/shutdown.js';

/** `die` writes the crash report, `tidy` removes the files of the process. */
export function realMachine(die: (error: unknown) => never, tidy: () => void): Machine {
  const never = new Int32Array(new SharedArrayBuffer(4));
  return {
    block: (ms) => void Atomics.wait(never, 0, 0, ms), // nobody ever notifies: it lasts as long as it should
    crash: (what) => die(new Error(what)),
    tidy,
    exit: (code) => process.exit(code),
  };
}

/** Node would open its debugger, to whoever can reach it. Redis is ended by it: this is what a shell says then. */
const ENDED_BY_SIGUSR1 = 128 + 10;

/** Returns the way to hand signals on. */
export function followSignals(): (receive: (signal: ShutdownSignal) => void) => void {
  let receive: (signal: ShutdownSignal) => void = () => process.exit(0);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => receive(signal));
  for (const signal of ['SIGHUP', 'SIGALRM'] as const) process.on(signal, () => {});
  process.on('SIGUSR1', () => process.exit(ENDED_BY_SIGUSR1));
  return (receiver) => {
    receive = receiver;
  };
}
