/** Before the tests of the world: the programs of `bin/`, built anew from the sources, once for all of them. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const SCRIPT = join(import.meta.dirname, '..', '..', 'scripts', 'build.mjs');

/** vitest calls it by this name. */
export function setup(): void {
  const done = spawnSync(process.execPath, [SCRIPT], { encoding: 'utf8' });
  if (done.status !== 0 || done.stderr !== '') throw new Error(`the build ended with ${done.status}:\n${done.stderr}`);
}
