/**
 * Files of the machine: what the system refuses is a value of ours, in the words of C, whichever call it was.
 */
import { expect, test } from 'vitest';
import { FileError, type Files } from '../../src/base/host.js';
import { RealFiles } from '../../src/server/files.js';

const TOO_LONG = 'x'.repeat(300);
const NOTHING = new Uint8Array(0);

test.each<[string, (files: Files) => unknown]>([
  ['read', (files) => files.read(TOO_LONG)],
  ['readPart', (files) => files.readPart(TOO_LONG, 0, 1)],
  ['size', (files) => files.size(TOO_LONG)],
  ['write', (files) => files.write(TOO_LONG, NOTHING)],
  ['append', (files) => files.append(TOO_LONG, NOTHING)],
  ['sync', (files) => files.sync(TOO_LONG)],
  ['rename', (files) => files.rename(TOO_LONG, 'y')],
  ['truncate', (files) => files.truncate(TOO_LONG, 0)],
  ['openLog', (files) => files.openLog(TOO_LONG, 'new')],
  ['hasFolder', (files) => files.hasFolder(TOO_LONG)],
  ['makeFolder', (files) => files.makeFolder(TOO_LONG)],
  ['syncFolder', (files) => files.syncFolder(TOO_LONG)],
  ['remove', (files) => files.remove(TOO_LONG)],
])('%s', (_, call) => {
  let thrown: unknown = null;
  try {
    call(new RealFiles());
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toEqual(new FileError('ENAMETOOLONG', 'File name too long'));
});

test('a log takes more at once than the runtime writes in one piece', () => {
  const log = new RealFiles().openLog('/dev/null', 'append');
  expect(log.append(new Uint8Array(2 ** 31))).toBe(2 ** 31);
  log.close();
});
