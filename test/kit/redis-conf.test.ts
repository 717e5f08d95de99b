/** A node's redis.conf: what is replaced in it and what stays. */
import { describe, expect, test } from 'vitest';
import { newConfig, parseSetting, valueIn, withReplicaPassword, withSettings } from '../../src/kit/redis-conf.js';

test('a new one has the port, what makes a cluster node, and the settings last', () => {
  const text = newConfig(7003, [['maxmemory', '64mb']]);
  expect(valueIn(text, 'port')).toBe('7003');
  expect(valueIn(text, 'cluster-enabled')).toBe('yes');
  expect(text.endsWith('\nmaxmemory 64mb\n')).toBe(true);
});

test('a directive is replaced in all its lines, everything else stays as it is', () => {
  const before = '# mine\nport 7000\nsave 900 1\n  SAVE 300 10\nuser joe on\n# port 1\n\n';
  expect(
    withSettings(before, [
      ['port', '7100'],
      ['save', ''],
    ]),
  ).toBe('# mine\nuser joe on\n# port 1\nport 7100\nsave ""\n');
});

test('a directive that is given twice stays twice', () => {
  expect(
    withSettings('', [
      ['save', '900 1'],
      ['save', '60 5'],
    ]),
  ).toBe('\nsave 900 1\nsave 60 5\n');
});

test.each<[string, string | null]>([
  ['requirepass secret\n', 'secret'],
  ['RequirePass   "my secret" \n', 'my secret'],
  ["requirepass 'x'\n", 'x'],
  ['requirepass a\nrequirepass b\n', 'b'],
  ['requirepassword a\n# requirepass b\n', null],
])('the password in %j', (text, expected) => {
  expect(valueIn(text, 'requirepass')).toBe(expected);
});

describe('settings as people type them', () => {
  test.each<[string, [string, string]]>([
    ['maxmemory=64mb', ['maxmemory', '64mb']],
    ['Save=900 1', ['save', '900 1']],
    ['save=', ['save', '']],
    ['requirepass=a=b', ['requirepass', 'a=b']],
  ])('%s', (text, expected) => expect(parseSetting(text)).toEqual(expected));

  test.each<[string, string]>([
    ['maxmemory', 'takes name=value'],
    ['=5', 'takes name=value'],
    ['a b=5', 'takes name=value'],
    ['save=1\nport 1', 'line end'],
    ['port=7000', 'use --port'],
  ])('%j is refused', (text, why) => expect(() => parseSetting(text)).toThrow(why));
});

test.each<[string, string[], string[]]>([
  ['a password serves the replicas, too', ['requirepass=a'], ['requirepass=a', 'masterauth=a']],
  ['unless they have one', ['requirepass=a', 'masterauth=b'], ['requirepass=a', 'masterauth=b']],
  ['none stays none', ['save='], ['save=']],
])('%s', (_, given, expected) => {
  expect(withReplicaPassword(given.map(parseSetting)).map((pair) => pair.join('='))).toEqual(expected);
});
