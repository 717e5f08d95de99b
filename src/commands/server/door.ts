/**
 * What the commands about the server ask of the node (`NodeDoor.server`).
 *
 * Each part is an interface of its own, declared beside the commands that use it.
 */
import type { Libraries } from '../../persistence/functions/libraries.js';
import type { Session } from '../handler.js';
import type { DebugDoor } from './debug/switches.js';
import type { Role } from './facts.js';
import type { LatencyDoor } from './latency.js';
import type { SlowLogDoor } from './slowlog.js';
import type { MemoryDoor } from './memory.js';
import type { AofDoor, SavingDoor } from './saving.js';
import type { ShutdownDoor } from './shutdown.js';

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
  role(): Role;
  /** INFO: the sections of these names, in lower case, as text. */
  info(asked: readonly string[]): string;
  readonly debug: DebugDoor;
  readonly slowlog: SlowLogDoor;
  readonly latency: LatencyDoor;
  /** From now on this client is told of all commands. */
  monitor(session: Session): void;
  readonly shutdown: ShutdownDoor;
  readonly saving: SavingDoor;
  readonly aof: AofDoor;
  readonly memory: MemoryDoor;
  /** FUNCTION. */
  readonly libraries: Libraries;
}
