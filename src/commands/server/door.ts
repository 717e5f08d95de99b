/**
 * What the commands about the server ask of the node (`NodeDoor.server`).
 *
 * Each part is an interface of its own, declared beside the commands that use it.
 */
import type { DebugDoor } from './debug/switches.js';
import type { Role } from './facts.js';

/** Time as commands tell it. */
export interface Clock {
  /** Milliseconds since some moment, never going back. */
  monotonicMs(): number;
  /** Milliseconds since 1970. */
  wallMs(): number;
  /** Microseconds since 1970. */
  wallMicros(): number;
}

export interface ServerDoor {
  readonly clock: Clock;
  /** In [0, 1). */
  random(): number;
  /** LASTSAVE: seconds since 1970. Before the first save, when the server began. */
  readonly lastSaveAt: number;
  role(): Role;
  /** INFO: the sections of these names, in lower case, as text. */
  info(asked: readonly string[]): string;
  readonly debug: DebugDoor;
}
