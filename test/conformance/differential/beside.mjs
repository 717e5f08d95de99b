/**
 * A redis-server and ours, side by side, for tools that count what is alike: started with the same configuration, ended
 * whatever happens. The last line is `N passed, N failed`, and the exit code is 1 if anything failed.
 */
import { startServer, stopAll } from '../../../bench/servers.mjs';

/** Directives that decide when a small collection becomes a big one, and the values that are worth a try. */
// biome-ignore format: a table
export const LIMITS = {
  'hash-max-listpack-entries': ['512', '4'],
  'hash-max-listpack-value':   ['64', '3'],
  'zset-max-listpack-entries': ['128', '3'],
  'zset-max-listpack-value':   ['64', '3'],
  'set-max-intset-entries':    ['512', '3'],
  'list-max-listpack-size':    ['-2', '3', '-1'],
};

/** What both are started with. */
export const CONFIG = { rdbcompression: 'no', 'enable-debug-command': 'yes' };

/** `compare` is given the two servers, redis-server first, and tells how many cases `passed` and `failed`. */
export async function besideRedis(config, compare) {
  let failed = 1;
  try {
    const counts = await compare(await Promise.all(['real', 'ours'].map((kind) => startServer({ kind, config }))));
    console.log(`${counts.passed} passed, ${counts.failed} failed`);
    failed = counts.failed;
  } finally {
    await stopAll();
  }
  process.exit(failed === 0 ? 0 : 1);
}
