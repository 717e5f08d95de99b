/**
 * Gives memory back that nobody uses any more, even if nothing happens from now on.
 *
 *   once a second:  all array buffers − the arena − what clients hold = garbage;  much of it, twice in a row ▸ collect
 *                   still much: again after 4 s, 8 s, … a minute, since it may be in use without our knowing
 *
 * V8 collects array buffers when new ones are made. After one reply of 5 GB there may be none for hours, and the
 * process would stay at 5 GB (measured: MGET of nine values of 512 MiB, 5,176 MiB resident until the end of the
 * process). A collection takes about 5 ms with the heap of a server, so it has to be worth it.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Node } from '../node/node.js';

const LOOK_EVERY_MS = 1000;
/** Less than this is not worth a pause. */
const WORTH_BYTES = 64 * 1024 * 1024;
const MOST_PATIENCE = 60;

export function reclaimMemory(node: Node): void {
  const collect = collector();
  if (collect === null) return;
  let looks = 0; // in a row that found much
  let patience = 2;
  setInterval(() => {
    const garbage = process.memoryUsage().arrayBuffers - node.engine.arena.held - node.memory.clientBytes();
    if (garbage < WORTH_BYTES) {
      looks = 0;
      patience = 2;
    } else if (++looks === patience) {
      collect();
      looks = 0;
      patience = Math.min(patience * 2, MOST_PATIENCE);
    }
  }, LOOK_EVERY_MS).unref();
}

/** V8's own function, which programs only see if they ask for it. */
function collector(): (() => void) | null {
  setFlagsFromString('--expose-gc');
  const found: unknown = runInNewContext('globalThis.gc');
  return typeof found === 'function' ? () => void found() : null;
}
