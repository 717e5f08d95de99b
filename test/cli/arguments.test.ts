/** What the toolbox can be told: rows of command lines, and each way to tell it wrongly. */
import { describe, expect, test } from 'vitest';
import { describeOptions, parseArguments, UsageError } from '../../src/cli/arguments.js';

const DEFAULTS = {
  nodes: null,
  replicas: null,
  port: null,
  seeds: null,
  from: null,
  seed: null,
  minutes: null,
  top: null,
  until: null,
  words: [],
  dir: 'sextet-data',
  password: null,
  settings: [],
  detach: false,
  fix: false,
  json: false,
  csv: false,
  stats: false,
  help: false,
  plain: false,
};

test.each<[string, string[], NodeJS.ProcessEnv, object]>([
  ['nothing', [], {}, {}],
  ['numbers', ['--nodes', '9', '--replicas=2', '--port', '0'], {}, { nodes: 9, replicas: 2, port: 0 }],
  ['switches', ['--detach', '--no-color', '-h'], {}, { detach: true, plain: true, help: true }],
  ['a folder', ['--dir', 'x y'], {}, { dir: 'x y' }],
  [
    'settings, in their order',
    ['--config', 'maxmemory=64mb', '--config=save=900 1'],
    {},
    {
      settings: [
        ['maxmemory', '64mb'],
        ['save', '900 1'],
      ],
    },
  ],
  ['the environment', [], { SEXTET_PORT: '7100', SEXTET_DIR: 'd' }, { port: 7100, dir: 'd' }],
  ['a flag over the environment', ['--port', '7200'], { SEXTET_PORT: '7100' }, { port: 7200 }],
  ['an empty variable is none', [], { SEXTET_PORT: '' }, {}],
])('up: %s', (_, args, environment, expected) => {
  expect(parseArguments('up', args, environment)).toEqual({ ...DEFAULTS, ...expected });
});

test('status --json, by flag or by environment', () => {
  expect(parseArguments('status', ['--json'], {}).json).toBe(true);
  expect(parseArguments('status', [], { SEXTET_JSON: 'yes' }).json).toBe(true);
  expect(parseArguments('status', [], { SEXTET_JSON: 'no' }).json).toBe(false);
});

describe('told wrongly', () => {
  test.each<[string, 'up' | 'status' | 'down', string[], string]>([
    ['an unknown option', 'up', ['--nods', '6'], "Unknown option '--nods'"],
    ['an option of another command', 'down', ['--port', '7000'], "Unknown option '--port'"],
    ['a word too many', 'up', ['7000'], "Unexpected argument '7000'"],
    ['no number', 'up', ['--nodes', 'six'], '--nodes takes a whole number from 1 to 1000, not "six"'],
    ['a number too large', 'up', ['--port', '65536'], '--port takes a whole number from 0 to 65535, not "65536"'],
    ['no value', 'up', ['--port'], "Option '--port <value>' argument missing"],
    ['a value that looks like an option', 'up', ['--replicas', '-1'], "Option '--replicas' argument is ambiguous"],
    ['a setting without a value', 'up', ['--config', 'save'], '--config takes name=value, not "save"'],
  ])('%s', (_, command, args, message) => {
    const telling = () => parseArguments(command, args, {});
    expect(telling).toThrow(UsageError);
    expect(telling).toThrow(message);
    expect(telling).not.toThrow('\n');
  });
});

test('--help lists what a command takes, and nothing else', () => {
  expect(
    describeOptions('down')
      .split('\n')
      .map((line) => line.trim().split(/\s/)[0]),
  ).toEqual(['--dir', '--no-color', '--help']);
  expect(describeOptions('up')).toContain(
    '  --port P      first of the neighbouring ports (7000; 0: any); doctor: of any node [SEXTET_PORT]',
  );
});

test('sim: seeds, and words without a name', () => {
  const told = parseArguments('sim', ['story', 'failover', '--seeds', '3', '--from=7', '--minutes', '2'], {});
  expect(told).toEqual({ ...DEFAULTS, words: ['story', 'failover'], seeds: 3, from: 7, minutes: 2 });
});

test('rdb: a form that is asked for goes before what the environment wants', () => {
  const formOf = (...args: string[]) => {
    const { json, csv, stats } = parseArguments('rdb', ['dump.rdb', ...args], { SEXTET_JSON: 'yes' });
    return { json, csv, stats };
  };
  expect(formOf()).toEqual({ json: true, csv: false, stats: false });
  expect(formOf('--csv')).toEqual({ json: false, csv: true, stats: false });
  expect(formOf('--stats')).toEqual({ json: false, csv: false, stats: true });
  expect(formOf('--csv', '--json')).toEqual({ json: true, csv: true, stats: false }); // which is refused
});

test('rdb: a file, and in which form', () => {
  expect(parseArguments('rdb', ['dump.rdb', '--csv', '--top', '3'], {})).toEqual({
    ...DEFAULTS,
    words: ['dump.rdb'],
    csv: true,
    top: 3,
  });
  expect(parseArguments('check-rdb', ['dump.rdb'], {}).words).toEqual(['dump.rdb']);
});
