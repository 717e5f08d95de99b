/**
 * What a configuration is to the rest of the node: fields that follow every change, changes that are whole or nothing,
 * and a start that says what is wrong.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { absolutePath, parseCommandLine } from '../../src/node/config/command-line.js';
import { expandTitle, procTitle } from '../../src/node/config/proc-title.js';
import { rewriteConfig } from '../../src/node/config/rewrite.js';
import { startRefusal, unservedWarnings } from '../../src/node/config/unserved.js';
import { pagesWorld } from '../../src/node/config/world.js';
import { Config } from '../../src/node/config.js';
import { tries } from '../support/tries.js';

const RIGHTS = { isLocal: false, isLoading: false };
const newConfig = (): Config => new Config(pagesWorld(() => null));

/** A server started with this as its file, and these words behind it. */
function started(file: string, ...argv: string[]) {
  return parseCommandLine(
    ['/r.conf', ...argv],
    pagesWorld((path) => (path === '/r.conf' ? Buffer.from(file) : null)),
  );
}

function configOf(file: string, ...argv: string[]): Config {
  const line = started(file, ...argv);
  if (!line.ok || !line.run) throw new Error(JSON.stringify(line));
  return line.config;
}

function failureOf(file: string, ...argv: string[]): string {
  const line = started(file, ...argv);
  if (line.ok) throw new Error('it starts');
  return line.stderr + line.log;
}

describe('fields', () => {
  test('begin with the defaults, each in its type', () => {
    const config = newConfig();
    expect(config).toMatchObject({
      port: 6379,
      clusterEnabled: false,
      maxmemoryPolicy: 'noeviction',
      bind: ['*', '-::*'],
      save: [
        { seconds: 3600, changes: 1 },
        { seconds: 300, changes: 100 },
        { seconds: 60, changes: 10_000 },
      ],
      clientOutputBufferLimit: {
        normal: { hard: 0, soft: 0, softSeconds: 0 },
        replica: { hard: 268_435_456, soft: 67_108_864, softSeconds: 60 },
        pubsub: { hard: 33_554_432, soft: 8_388_608, softSeconds: 60 },
      },
      latencyTrackingInfoPercentiles: [50, 99, 99.9],
      replicaof: null,
      shutdownOnSigint: [],
      serverCpulist: '',
    });
  });

  test('follow a change, and its undoing', () => {
    const config = newConfig();
    config.change(['maxmemory', '2gb', 'maxmemory-clients', '5%', 'shutdown-on-sigterm', 'now nosave'], RIGHTS);
    expect([config.maxmemory, config.maxmemoryClients]).toEqual([2_147_483_648, -5]);
    expect(config.shutdownOnSigterm).toEqual(['nosave', 'now']);
    config.change(['maxmemory', '1', 'notify-keyspace-events', 'q'], RIGHTS);
    expect(config.maxmemory).toBe(2_147_483_648);
    config.change(['client-output-buffer-limit', 'slave 1 2 3'], RIGHTS);
    expect(config.clientOutputBufferLimit.replica).toEqual({ hard: 1, soft: 2, softSeconds: 3 });
  });

  test('an old name sets the field of the new one', () => {
    const config = newConfig();
    config.change(['slave-priority', '7'], RIGHTS);
    expect(config.replicaPriority).toBe(7);
    expect(config.show(['replica-priority', 'SLAVE-priority'])).toEqual([
      ['replica-priority', '7'],
      ['SLAVE-priority', '7'],
    ]);
  });
});

describe('CONFIG GET', () => {
  test.each<[string, string[], string[]]>([
    ['a pattern finds old names too', ['*list*size'], ['list-max-listpack-size', 'list-max-ziplist-size']],
    ['hidden ones want their name', ['key-load-del*', 'rdb-key-save-delay'], ['rdb-key-save-delay']],
    ['no name twice', ['timeout', 'TIMEOUT', 'timeou?'], ['timeout']],
    ['case of a pattern', ['MAXMEMORY-S*'], ['maxmemory-samples']],
    ['nothing', ['nope', 'nope*'], []],
    ['log-format is ours', ['log*', 'log-format'], ['logfile', 'loglevel', 'log-format']],
  ])('%s', (_, patterns, names) => {
    const found = newConfig().show(patterns);
    expect(found.map(([name]) => name)).toEqual(names);
  });
});

describe('CONFIG SET and the node', () => {
  test('a hook runs once for several directives, and only when a value changed', () => {
    const config = newConfig();
    const seen: string[] = [];
    config.onAct('good-replicas', () => {
      seen.push(`${config.minReplicasToWrite}/${config.minReplicasMaxLag}`);
      return null;
    });
    config.change(['min-replicas-to-write', '1', 'min-replicas-max-lag', '2'], RIGHTS);
    config.change(['min-replicas-to-write', '1'], RIGHTS);
    expect(seen).toEqual(['1/2']);
  });

  test('a mirror is in step when the hooks run, and after an undoing', () => {
    const config = newConfig();
    const mirror = { maxmemory: -1, hashMaxListpackEntries: -1 };
    config.mirror(mirror, ['maxmemory', 'hashMaxListpackEntries']);
    const seen = [{ ...mirror }];
    config.onAct('maxmemory', () => {
      seen.push({ ...mirror });
      return mirror.maxmemory === 2 ? 'not two' : null;
    });
    config.change(['maxmemory', '1', 'hash-max-ziplist-entries', '7'], RIGHTS);
    config.change(['maxmemory', '2'], RIGHTS);
    seen.push({ ...mirror });
    expect(seen.map((fields) => fields.maxmemory)).toEqual([0, 1, 2, 1, 1]);
    expect(mirror.hashMaxListpackEntries).toBe(7);
  });

  test('listeners hear what changed, after success alone', () => {
    const config = newConfig();
    const heard: (readonly string[])[] = [];
    config.onChange((names) => heard.push(names));
    config.change(['timeout', '5', 'hz', '10'], RIGHTS);
    config.change(['timeout', '6', 'hz', 'x'], RIGHTS);
    expect(heard).toEqual([['timeout']]);
  });

  test('a hook that refuses: the old values come back, and the hooks act on them', () => {
    const config = newConfig();
    const seen: (string | number)[] = [];
    config.onAct('maxmemory', () => {
      seen.push(config.maxmemory);
      return null;
    });
    config.onAct('port', () => (config.port === 1 ? 'Unable to listen on this port. Check server logs.' : null));
    const change = config.change(['maxmemory', '9', 'port', '1'], RIGHTS);
    expect(change).toEqual({
      ok: false,
      error:
        "ERR CONFIG SET failed (possibly related to argument 'port') - " +
        'Unable to listen on this port. Check server logs.',
      log: ['Failed applying new configuration. Possibly related to new port setting. Restoring previous settings.'],
    });
    expect([config.maxmemory, config.port, ...seen]).toEqual([0, 6379, 9, 0]);
  });

  test.each<[string, string, boolean, string]>([
    ['no', 'enable-protected-configs no', true, "can't set protected config"],
    ['local, from here', 'enable-protected-configs local', true, 'OK'],
    ['local, from afar', 'enable-protected-configs local', false, "can't set protected config"],
    ['yes, from afar', 'enable-protected-configs yes', false, 'OK'],
  ])('protected: %s', (_, file, isLocal, expected) => {
    const change = configOf(file).change(['dbfilename', 'x'], { isLocal, isLoading: false });
    expect(change.ok ? 'OK' : change.error).toContain(expected);
  });

  test('while loading', () => {
    const loading = { isLocal: true, isLoading: true };
    const change = newConfig().change(['timeout', '1', 'appendonly', 'yes'], loading);
    expect(change).toMatchObject({ ok: false, error: 'LOADING Redis is loading the dataset in memory' });
  });

  test('passwords are secrets', () => {
    const secret = ['requirepass', 'MasterAuth', 'masteruser', 'timeout', 'nope'].filter((name) =>
      newConfig().isSecret(name),
    );
    expect(secret).toEqual(['requirepass', 'MasterAuth', 'masteruser']);
  });
});

describe('start', () => {
  const COMMENT = 'Hint: a comment needs a line of its own; what stands behind # here is read as arguments.';
  test.each<[string, string, string[]]>([
    ['a comment behind a value', 'protected-mode no # for us', ['at line 1', 'wrong number of arguments', COMMENT]],
    ['a comment behind a save', 'save 900 1 # often', ['Invalid save parameters', COMMENT]],
    [
      'all on one line',
      'port 7000 cluster-enabled yes',
      ["'cluster-enabled' looks like the beginning of the next one"],
    ],
    ['a file that includes itself', 'include /r.conf', ['include is nested too deeply']],
    ['a file that is not there', 'include /x.conf', ["can't open config file '/x.conf': No such file or directory"]],
  ])('%s', (_, file, parts) => {
    for (const part of parts) expect(failureOf(file)).toContain(part);
  });

  test('no hint where there is none to give', () => {
    expect(failureOf('timeout x')).not.toContain('Hint');
  });

  test.each<[string, string[], string]>([
    ['version', ['--version'], 'Redis server v=7.0.15 sha=00000000:0 malloc=libc bits=64 build='],
    ['v', ['-v'], 'Redis server v=7.0.15'],
    ['help', ['--help'], 'Usage: sextet-server [/path/to/redis.conf] [options] [-]'],
    ['h', ['-h'], 'Usage: sextet-server'],
    ['sentinel', ['x.conf', '--sentinel'], 'has no --sentinel mode'],
    ['memory test', ['--test-memory', '5'], 'has no --test-memory mode'],
  ])('%s', (_, argv, text) => {
    const line = parseCommandLine(
      argv,
      pagesWorld(() => null),
    );
    expect(JSON.stringify(line)).toContain(text);
    expect(line).not.toHaveProperty('config');
  });

  test('what is kept for others', () => {
    const config = configOf('user a on nopass\nloadmodule /m.so x\nrename-command GET ""\na.b 1 2\n', '--port', '1');
    expect(config.users).toEqual([['a', 'on', 'nopass']]);
    expect(config.modules).toEqual([['/m.so', 'x']]);
    expect(config.renamedCommands).toEqual([['GET', '']]);
    expect(config.moduleSettings).toEqual([['a.b', '1 2']]);
    expect(config.file).toBe('/r.conf');
  });

  test('text of other alphabets keeps its bytes', () => {
    const config = configOf('masterauth ünï\n', '--requirepass', 'ünï');
    expect(config.masterauth).toBe(config.requirepass);
    expect(Buffer.from(config.requirepass, 'latin1').toString()).toBe('ünï');
  });

  test.each([
    ['r.conf', '/a/b', '/a/b/r.conf'],
    ['./r.conf', '/a', '/a/./r.conf'],
    ['../r.conf', '/a/b', '/a/r.conf'],
    ['../../../r.conf', '/a/b', '/r.conf'],
    ['/x/r.conf', '/a', '/x/r.conf'],
    [' r.conf ', '/', '/r.conf'],
    ['C:\\r.conf', 'D:/a', 'C:\\r.conf'],
  ])('%s in %s is %s', (path, folder, expected) => expect(absolutePath(path, folder)).toBe(expected));

  test('no text throws, be it a file or a value', () => {
    const text = fc.string({ unit: 'binary', maxLength: 60 });
    const names = newConfig()
      .show(['*'])
      .map(([name]) => name);
    const lines = fc.array(fc.tuple(fc.constantFrom(...names, '', '#', 'user', 'include', '"'), text), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(lines, (parts) => {
        const line = started(parts.map(([name, rest]) => `${name} ${rest}`).join('\n'));
        expect(line.ok || line.stderr + line.log !== '').toBe(true);
        newConfig().change(parts.flat(), RIGHTS);
      }),
      { numRuns: tries(200) },
    );
  });
});

describe('CONFIG REWRITE', () => {
  const users = ['default on nopass ~* &* +@all'];

  test('again and again, nothing changes but one empty line at the end, which Redis adds as well', () => {
    const old = '# hello\nport 1\nsave 1 2\nslave-priority 3\nnonsense x\n';
    const once = rewriteConfig(old, configOf('port 1\nsave 1 2\nslave-priority 3\n'), { users, force: false });
    const again = rewriteConfig(once, configOf(once), { users, force: false });
    expect(again).toBe(`${once}\n`);
    expect(rewriteConfig(again, configOf(again), { users, force: false })).toBe(again);
  });

  test('what it writes is read back as it was', () => {
    const config = configOf('');
    const password = 'a "b"\\ \x00\x01\xff\n#';
    config.change(['requirepass', password, 'save', '5 6', 'maxmemory-clients', '7%', 'bind', ''], RIGHTS);
    const back = configOf(Buffer.from(rewriteConfig('', config, { users, force: true }), 'latin1').toString());
    expect(back.show(['*'])).toEqual(config.show(['*']));
  });

  test('forced, every directive has a line, but for those that have no value', () => {
    const lines = rewriteConfig('', newConfig(), { users, force: true }).split('\n');
    const written = new Set(lines.map((line) => line.split(' ')[0]));
    expect(['maxmemory', 'hz', 'client-output-buffer-limit', 'user'].filter((name) => !written.has(name))).toEqual([]);
    expect(['bind', 'replicaof', 'unixsocket', 'requirepass'].filter((name) => written.has(name))).toEqual([]);
  });

  test('a cluster node writes no replicaof', () => {
    const config = configOf('replicaof 127.0.0.1 1\n');
    const text = (of: Config): string => rewriteConfig('replicaof 1.1.1.1 1\n', of, { users, force: false });
    expect(text(config)).toContain('replicaof 127.0.0.1 1');
    expect(text(configOf('cluster-enabled yes\n'))).not.toContain('replicaof');
  });
});

describe('what ps shows', () => {
  test.each([
    ['', 'sextet-server *:6379'],
    ['cluster-enabled yes\nbind 127.0.0.1\nport 7000\n', 'sextet-server 127.0.0.1:7000 [cluster]'],
    ['port 0\nunixsocket /s\n', 'sextet-server unixsocket:/s'],
    ['proc-title-template "{{a {port} {config-file} {tls-port}{unixsocket}"\n', '{a 6379 /r.conf 0'],
  ])('%j: %s', (file, title) => expect(procTitle(configOf(file), 'sextet-server')).toBe(title));

  test('a template that cannot be', () => {
    expect(['{', 'a{b', '{no}'].map((template) => expandTitle(template, () => null))).toEqual([null, null, null]);
  });
});

describe('what is not served yet', () => {
  test('is named, one line each', () => {
    const names = (file: string): string[] =>
      unservedWarnings(configOf(file)).map((line) => line.split("'")[1] ?? line);
    expect(names('save ""\n')).toEqual([]);
    expect(names('')).toEqual([]);
    expect(names('appendonly yes\nsave ""\nio-threads 4\nuser a on\n')).toEqual(['user', 'io-threads']);
  });

  test('modules stop the start', () => {
    expect(startRefusal(configOf(''))).toBe(null);
    expect(startRefusal(configOf('loadmodule /m.so\n'))).toBe("Can't load module from /m.so: server aborting");
    expect(startRefusal(configOf('a.b c\n'))).toContain('Module Configuration detected');
  });
});
