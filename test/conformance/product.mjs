/**
 * A server that the suite can start itself: `src/redis-server` of a desk hands its arguments to ours or to Debian's.
 *
 *    ours        every server is ours
 *    real        every server is Debian's: what must hold of the harness
 *    alternate   those of odd folders (redis_1, redis_3, …) are Debian's: one cluster of both
 *
 * The wrapper is `exec`, so that the process id the harness compares is the server's own. The program is a copy of what
 * was built, taken when the desk is laid: a build that runs meanwhile changes nothing in a run of ten minutes.
 */
import { chmodSync, cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from '../../bench/servers.mjs';
import { pathOf } from '../../scripts/apt.mjs';

export const WRAPPERS = ['ours', 'real', 'alternate'];

/** Puts the wrapper into `desk/src`, in place of the link to Debian's redis-server. */
export function layServer(desk, kind) {
  const product = join(desk, 'product');
  mkdirSync(product, { recursive: true });
  for (const name of ['bin', 'dist', 'package.json'])
    cpSync(join(PROJECT, name), join(product, name), { recursive: true });
  const wrapper = join(desk, 'src/redis-server');
  rmSync(wrapper, { force: true });
  writeFileSync(wrapper, wrapperText(kind, join(product, 'bin/sextet-server.js'), pathOf('redis-server')));
  chmodSync(wrapper, 0o755);
}

function wrapperText(kind, program, real) {
  const ours = `exec '${process.execPath}' '${program}' "$@"`;
  const theirs = `exec '${real}' "$@"`;
  if (kind === 'ours') return `#!/bin/sh\n${ours}\n`;
  if (kind === 'real') return `#!/bin/sh\n${theirs}\n`;
  return `#!/bin/sh\ncase "$1" in redis_*[13579]/*) ${theirs} ;; esac\n${ours}\n`;
}
