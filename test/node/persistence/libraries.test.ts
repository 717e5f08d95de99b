/**
 * Libraries of functions in the files of a server: written, loaded, and there again after a restart.
 */
import { describe, expect, test } from 'vitest';
import { handMade } from '../../persistence/files.js';
import { libraryOf } from '../../persistence/functions/samples.js';
import { ServerOn } from './server-on.js';

const OK = '+OK\r\n';
const BASE = 'appendonlydir/appendonly.aof.2.base';

function keep(server: ServerOn, ...names: readonly string[]): void {
  for (const name of names) server.node.server.libraries.load(libraryOf(name), 'append');
}

function kept(server: ServerOn): string[] {
  return [...server.node.server.libraries.all].map(({ name, code }) => {
    expect(Buffer.from(code)).toEqual(libraryOf(name));
    return name;
  });
}

function having(names: readonly string[], ...conf: readonly string[]): ServerOn {
  const server = new ServerOn(new Map(), { conf: ['save ""', ...conf] });
  server.pass(1);
  keep(server, ...names);
  server.say('SET k v');
  return server;
}

/** What the files of a server say, and that they can be written: a server in its place. */
function restarted(server: ServerOn, ...conf: readonly string[]): ServerOn {
  const next = new ServerOn(server.pages, { conf: ['save ""', ...conf] });
  next.pass(10);
  expect(next.isReady).toBe(true);
  expect(next.say('GET k')).toBe('$1\r\nv\r\n');
  return next;
}

describe('the file of a save', () => {
  test('has them in order', () => {
    const server = having(['b', 'a', 'c']);
    expect(server.say('SAVE')).toBe(OK);
    const next = restarted(server);
    expect(kept(next)).toEqual(['b', 'a', 'c']);
    expect(next.field('number_of_libraries')).toBe('3');
    expect(next.log).toContain('notice: Libraries of functions: 3. They are kept, and cannot be called here.');
    expect(kept(restarted(next))).toEqual(['b', 'a', 'c']);
  });

  test('has those of the moment of BGSAVE', () => {
    const server = having(['a', 'b']);
    server.say('BGSAVE');
    server.say('FUNCTION FLUSH');
    keep(server, 'late');
    server.pass(50);
    expect(server.log.join('\n')).toContain('Background saving terminated with success');
    expect(kept(restarted(server))).toEqual(['a', 'b']);
  });

  test.each([
    ['', 'a,b', OK],
    [' NOSAVE', 'a', OK],
    [' NOSAVE NOFLUSH MERGE', 'b,a', OK],
    [' NOSAVE NOFLUSH', 'a,b', '-ERR Error trying to load the RDB dump\r\n'],
  ])('DEBUG RELOAD%s', (how, expected, reply) => {
    const server = having(['a']);
    server.say('SAVE');
    server.say('DEL k');
    keep(server, 'b');
    expect(server.say(`DEBUG RELOAD${how}`)).toBe(reply);
    expect(kept(server).join(',')).toBe(expected);
    expect(server.log.some((line) => line.includes('Failed loading library, Library a already exists'))).toBe(
      reply !== OK,
    );
  });

  test('with one that cannot be kept ends the process, and stays as it is', () => {
    const server = new ServerOn(new Map([['dump.rdb', handMade([245, 1, 120])]]));
    server.pass(1);
    expect(server.exits).toEqual([1]);
    expect(server.log.join('\n')).toContain('Failed loading library, Missing library metadata');
    expect([...server.pages.keys()]).toEqual(['dump.rdb']);
  });
});

describe.each(['yes', 'no'])('the append-only file, aof-use-rdb-preamble %s', (preamble) => {
  const conf = ['appendonly yes', `aof-use-rdb-preamble ${preamble}`];

  function rewritten(): ServerOn {
    const server = having(['a', 'b'], ...conf);
    server.say('BGREWRITEAOF');
    server.say('FUNCTION DELETE a');
    server.pass(100);
    return server;
  }

  test('has them in its base, and what became of them behind it', () => {
    const server = rewritten();
    const base = server.pages.get(`${BASE}.${preamble === 'yes' ? 'rdb' : 'aof'}`) ?? Buffer.alloc(0);
    expect(Buffer.from(base).toString('latin1')).toContain('#!lua name=a');
    expect(kept(server)).toEqual(['b']);
    expect(kept(restarted(server, ...conf))).toEqual(['b']);
  });

  test('DEBUG LOADAOF goes back to it', () => {
    const server = rewritten();
    keep(server, 'unheard_of');
    expect(server.say('DEBUG LOADAOF')).toBe(OK);
    expect(kept(server)).toEqual(['b']);
  });
});

describe('an append-only file of a server that runs functions', () => {
  function loaded(...commands: readonly (readonly string[])[]): ServerOn {
    const words = (args: readonly string[]): string =>
      `*${args.length}\r\n${args.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
    const file = Buffer.from(commands.map(words).join(''), 'latin1');
    const server = new ServerOn(new Map([['appendonly.aof', file]]), { conf: ['appendonly yes', 'save ""'] });
    server.pass(10);
    return server;
  }

  const load = (name: string): string[] => ['FUNCTION', 'LOAD', libraryOf(name).toString()];

  test('brings them by LOAD, DELETE and FLUSH, in a transaction or alone', () => {
    const replaced = ['function', 'load', 'replace', libraryOf('b').toString()];
    const server = loaded(load('z'), ['FUNCTION', 'FLUSH'], load('a'), load('b'), ['MULTI'], replaced, load('c'), [
      'EXEC',
    ]);
    expect(kept(server)).toEqual(['a', 'b', 'c']);
    expect(kept(loaded(load('a'), load('b'), ['FUNCTION', 'DELETE', 'a'], ['FUNCTION', 'FLUSH', 'ASYNC']))).toEqual([]);
  });

  test('a transaction that breaks off brings none', () => {
    const server = loaded(load('a'), ['MULTI'], load('b'));
    expect(server.log.join('\n')).toContain('Revert incomplete MULTI/EXEC transaction');
    expect(kept(server)).toEqual(['a']);
  });

  test('one that is there already is told as critical, as with redis', () => {
    expect(loaded(load('a'), load('a')).log.join('\n')).toContain(
      "== CRITICAL == This server is sending an error to its AOF-loading-client: 'Library 'a' already exists' " +
        "after processing the command 'function|load'",
    );
  });
});

test('a member of a cluster that begins anew forgets them, FLUSHALL does not', () => {
  const server = having(['a']);
  server.say('FLUSHALL');
  expect(kept(server)).toEqual(['a']);
  server.node.keysOutdated();
  expect(kept(server)).toEqual([]);
});
