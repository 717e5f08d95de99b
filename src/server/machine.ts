/**
 * The process, as far as a node may command it: to stand still, to crash, to end.
 *
 * DEBUG and SHUTDOWN need it; a node in a simulated world has none.
 */
import type { Machine } from '../node/admin/machine.js';

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
