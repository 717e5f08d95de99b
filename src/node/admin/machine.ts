/**
 * What only the process can do: stand still, crash, end. The server gives it to a node; a node without one throws.
 *
 * It is apart from `Host`, because a simulated world has many nodes and none of them may end it.
 */

export interface Machine {
  /** Stops everything for so long: no timer and no socket is served. */
  block(ms: number): void;
  /** Ends the process with a crash report. */
  crash(what: string): void;
  /** Removes what a process leaves lying about: its pid file, its unix socket. */
  tidy(): void;
  /** Ends the process. */
  exit(code: number): void;
}

export const NO_MACHINE: Machine = {
  block: () => {},
  tidy: () => {},
  crash: (what) => {
    throw new Error(what);
  },
  exit: (code) => {
    throw new Error(`the process ends with ${code}`);
  },
};
