/**
 * Whom `sextet doctor` goes to. What it finds there is in test/kit/doctor*.test.ts, and before real servers in
 * test/world/doctor.test.ts.
 */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseArguments } from '../../src/cli/arguments.js';
import { runDoctor } from '../../src/cli/doctor.js';
import { Terminal } from '../../src/cli/terminal.js';
import { Paper } from './paper.js';

const SEXTET_DIR = join(import.meta.dirname, 'none');

function doctor(environment: NodeJS.ProcessEnv, ...args: readonly string[]): Promise<number> {
  const told = parseArguments('doctor', args, environment);
  return runDoctor(told, new Terminal(new Paper(false), new Paper(false), {}));
}

test.each([
  ['nobody is named', {}, [], 'There is no cluster in'],
  ['any port is that of `up`', { SEXTET_PORT: '0' }, [], 'There is no cluster in'],
  ['two folders', {}, ['a', 'b'], 'doctor takes one folder, not a and b'],
  ['no port', {}, ['127.0.0.1:0'], '127.0.0.1:0 has no port from 1 to 65535'],
])('%s', async (_, environment, args, text) => {
  await expect(doctor({ SEXTET_DIR, ...environment }, ...args)).rejects.toThrow(text);
});
