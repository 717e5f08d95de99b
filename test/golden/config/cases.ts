/**
 * What is asked of a configuration, by `record.ts` of a real server and by the tests of ours.
 *
 * Three tables: values for CONFIG SET, made from the rows of our own table so that a wrong limit in it shows; files for
 * CONFIG REWRITE; files and command lines for the start.
 */
import { DIRECTIVES, type DirectiveRow } from '../../../src/node/config-table.js';

/** Texts that are wrong, or odd, for every directive. */
const ODD = ['', ' ', 'maybe', 'YES', 'No', '1 2', '-1', '007', '+5', '1.5', '0x10', '99999999999999999999', 'a b c'];
const MEMORY = [
  '1k',
  '1kb',
  '3MB',
  '2gb',
  '1gib',
  '-1kb',
  '1 kb',
  '50%',
  '100%',
  '101%',
  '-5%',
  '%',
  '20000000000gb',
  'b',
];

/** Values that only harm: they close the connection that asks, or hold up the machine. Errors of these are welcome. */
const HARMFUL = new Set([
  'maxclients',
  'maxmemory-clients',
  'oom-score-adj',
  'port',
  'tls-port',
  'key-load-delay',
  'watchdog-period',
]);

/** Names whose values are files, sockets or certificates of the machine. */
const isOfTheMachine = (name: string): boolean => name.startsWith('tls-') || name === 'bind' || name === 'appendonly';

const SPECIAL = new Map<string, readonly string[]>([
  [
    'save',
    ['900 1', '900 1 60 100', '900', '900 1 60', 'a 1', '1 a', '0 1', '1 0', '1 -1', '900  1', ' 900 1', '900 1 '],
  ],
  [
    'client-output-buffer-limit',
    [
      'replica 1mb 1kb 10',
      'slave 0 0 0',
      'pubsub 32mb 8mb 60 replica 1gb 1gb 5',
      'normal 0 0 1',
      'master 0 0 0',
      'nobody 0 0 0',
      'replica 1mb 1kb',
      'replica 1mbb 1kb 10',
      'replica 1mb x 10',
      'replica 1mb 1kb -1',
      'replica 1mb 1kb ten',
      'PubSub 1 2 3',
    ],
  ],
  ['oom-score-adj-values', ['1 2 3', '0 200 2001', '-2001 0 0', '1 2', '1 2 3 4', 'a 2 3', '800 200 0']],
  [
    'notify-keyspace-events',
    ['KEA', 'KEg$lshzxetdnm', 'Kn', 'An', 'gxE', 'AKE', 'q', 'K E', 'mE', 'g$lshzxetd', 'KEAn'],
  ],
  [
    'latency-tracking-info-percentiles',
    ['50', '50 99.99', '0 100', '100.1', '-1', 'x', '99.123456789', '50  99', '1e1', 'inf'],
  ],
  [
    'shutdown-on-sigint',
    ['save', 'nosave now', 'now SAVE force', 'save nosave', 'default', 'default now', 'x', 'save  now'],
  ],
  ['proc-title-template', ['{title}', 'a {port} b', '{x}', '{title', '{{a}', 'a{', '{server-mode}', 'plain']],
  ['cluster-announce-hostname', ['host-1.example', 'a_b', 'a b', 'h'.repeat(255), 'h'.repeat(256)]],
  ['dbfilename', ['a/b', 'a\\b', 'x.rdb', '']],
  ['dir', ['/nonexistent/folder', '/etc/passwd', '/']],
  ['requirepass', ['secret', 'zero\0byte', 'ünï']],
  ['masterauth', ['a\0b']],
  ['masteruser', ['a\0b']],
  ['hz', ['501', '0', '500', '2147483648']],
  ['activedefrag', ['yes']],
  ['bind', ['1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17']],
]);

function limitsOf(row: DirectiveRow): string[] {
  const range = row[3];
  if (range === null || typeof range[0] === 'string') return range === null ? [] : range.map(String);
  const [low, high] = [BigInt(range[0]!), BigInt(range[1]!)];
  const base = row[1] === 'octal' ? 8 : 10;
  return [low - 1n, low, low + 1n, high - 1n, high, high + 1n].map((n) => n.toString(base));
}

/** The texts a directive is asked to take, one by one. */
export function valuesFor(row: DirectiveRow): string[] {
  const [name, kind] = row;
  if (row[4].startsWith('start')) return ['yes'];
  const isText = kind.startsWith('text') || kind.startsWith('bytes');
  const special = SPECIAL.get(name) ?? [];
  if (isText && !isOfTheMachine(name)) return [...special, 'plain', '', 'with blank', '"quoted"'];
  if (isText || kind === 'special' || kind === 'special list') return [...special];
  const memory = kind.includes('emory') ? MEMORY : [];
  return [...new Set([...special, ...ODD, ...memory, ...limitsOf(row)])];
}

/** Whether a real server survives taking this. `takes` says whether ours would. */
export function mayAsk(name: string, takes: boolean): boolean {
  return !takes || !(HARMFUL.has(name) || isOfTheMachine(name));
}

export const ROWS: readonly DirectiveRow[] = DIRECTIVES.filter((row) => row[0] !== 'log-format');

/** CONFIG SET with several pairs, each after the ones before it; odd counts and unknown names too. */
export const CHANGES: readonly (readonly string[])[] = [
  ['maxmemory', '1gb', 'timeout', '5'],
  ['timeout', '7', 'maxmemory', 'lots'],
  ['nope', '1'],
  ['timeout', '1', 'nope', '1', 'databases', '1'],
  ['databases', '1', 'nope', '1'],
  ['DATABASES', '1'],
  ['timeout', '1', 'TIMEOUT', '2'],
  ['replica-priority', '1', 'slave-priority', '2'],
  ['slave-priority', 'x'],
  ['Slave-Priority', 'x'],
  ['dir', '/', 'timeout', '1'],
  ['timeout', '3', 'save', '1 2 3', 'hz', '20'],
  ['hz', '20', 'save', '1 2', 'timeout', '9'],
  ['notify-keyspace-events', 'KEA', 'notify-keyspace-events', 'A'],
  ['timeout\0x', '12'],
  ['name with\r\nline ends', '1'],
];

export interface RewriteCase {
  readonly name: string;
  readonly file: string;
  readonly sets: readonly (readonly string[])[];
}

/** The recorder puts its port in the place of PORT, and takes it out again. */
export const REWRITES: readonly RewriteCase[] = [
  { name: 'plain', file: 'port PORT\n', sets: [] },
  {
    name: 'comments-and-order',
    file: '# one\n\n\n\n  # two\nport PORT\ntimeout 5\n\n# three\nmaxmemory 100mb\n',
    sets: [
      ['timeout', '0'],
      ['maxmemory', '2gb'],
      ['hz', '20'],
    ],
  },
  {
    name: 'several-lines',
    file: 'port PORT\nsave 900 1\nsave 300 10\nsave 60 100\n# end\n',
    sets: [['save', '10 20']],
  },
  { name: 'save-none', file: 'port PORT\nsave 900 1\nsave 60 100', sets: [['save', '']] },
  { name: 'save-more', file: 'save 900 1\n# here\nport PORT\n', sets: [['save', '1 2 3 4 5 6']] },
  {
    name: 'old-names',
    file: 'slave-priority 50\nport PORT\nSLAVE-READ-ONLY no\nhash-max-ziplist-entries 100\nlua-time-limit 9\n',
    sets: [['replica-priority', '60']],
  },
  {
    name: 'unknown-lines',
    file: 'port PORT\nlist-max-ziplist-entries 5\nlua-replicate-commands yes\n',
    sets: [],
  },
  {
    name: 'repeated',
    file: 'timeout 1\ntimeout 2\nport PORT\ntimeout 3\n',
    sets: [],
  },
  {
    name: 'quoted',
    file: 'port PORT\nmasterauth "a b\\n\\x01\\""\nmasteruser \'it\\\'s\'\nproc-title-template "{title} x"\n',
    sets: [['requirepass', 'ünï "code"']],
  },
  {
    name: 'signed-before',
    file: 'port PORT\n# Generated by CONFIG REWRITE\ndir "/"\nsave 3600 1\n',
    sets: [['timeout', '10']],
  },
  {
    name: 'limits',
    file: 'client-output-buffer-limit normal 0 0 0\nport PORT\n',
    sets: [
      ['client-output-buffer-limit', 'pubsub 1mb 1kb 7 replica 1000 2000 3'],
      ['maxmemory-clients', '5%'],
      ['proto-max-bulk-len', '1048577'],
      ['oom-score-adj-values', '1 2 3'],
      ['notify-keyspace-events', 'KEA'],
      ['shutdown-on-sigterm', 'nosave now'],
      ['latency-tracking-info-percentiles', '50.5'],
    ],
  },
  {
    name: 'percentiles-none',
    file: 'port PORT\nlatency-tracking-info-percentiles 1 2\nbind 127.0.0.1\nunixsocketperm 755\n',
    sets: [['latency-tracking-info-percentiles', '']],
  },
  {
    name: 'bind-default',
    file: 'port PORT\nbind * -::*\nprotected-mode no\ntcp-backlog 511\n',
    sets: [],
  },
  {
    name: 'emptied',
    file: 'port PORT\nmasterauth x\nmasteruser y\nloglevel NOTICE\nappendfsync always\n',
    sets: [
      ['masterauth', ''],
      ['masteruser', ''],
      ['appendfsync', 'everysec'],
    ],
  },
];

export interface StartCase {
  readonly name: string;
  readonly file: string;
  /** Behind the file on the command line. */
  readonly argv: readonly string[];
  /** Other files: name and text. */
  readonly others?: readonly (readonly [string, string])[];
  /** Directives that are asked for, where the server starts. */
  readonly ask?: readonly string[];
}

const SAVE_AND_BIND = ['save', 'bind', 'timeout', 'client-output-buffer-limit'];

export const STARTS: readonly StartCase[] = [
  { name: 'inline comment', file: 'port PORT\nprotected-mode no # for intra-cluster\n', argv: [] },
  { name: 'all on one line', file: 'port PORT cluster-enabled yes cluster-node-timeout 5000', argv: [] },
  { name: 'save with a comment', file: '\n\n  save 900 1 # often\n', argv: [] },
  { name: 'unbalanced', file: 'port PORT\nrequirepass "abc\n', argv: [] },
  { name: 'sticks to the quote', file: 'requirepass "abc"def\n', argv: [] },
  { name: 'unknown', file: 'port PORT\n\tnonsense 1\r\n', argv: [] },
  { name: 'no value', file: 'timeout\n', argv: [] },
  { name: 'two values', file: 'timeout 1 2\n', argv: [] },
  { name: 'bad number', file: 'timeout abc\n', argv: [] },
  { name: 'out of range', file: 'port 70000\n', argv: [] },
  { name: 'bad word', file: 'maxmemory-policy sometimes\n', argv: [] },
  { name: 'bad save', file: 'save 900\n', argv: [] },
  { name: 'bad limit', file: 'client-output-buffer-limit normal 0 0\n', argv: [] },
  { name: 'bad limit class', file: 'client-output-buffer-limit nobody 0 0 0\n', argv: [] },
  { name: 'module config', file: 'a.b\n', argv: [] },
  { name: 'sentinel', file: 'sentinel monitor a 127.0.0.1 1 1\n', argv: [] },
  { name: 'rename unknown', file: 'rename-command nonsense x\n', argv: [] },
  { name: 'rename to existing', file: 'rename-command get set\n', argv: [] },
  { name: 'rename twice', file: 'rename-command get ""\nrename-command get x\n', argv: [] },
  { name: 'replicaof in a cluster', file: 'replicaof 127.0.0.1 1\ncluster-enabled yes\n', argv: [] },
  { name: 'replicaof wrong', file: 'replicaof 127.0.0.1\n', argv: [] },
  { name: 'replicaof port', file: 'replicaof 127.0.0.1 99999\n', argv: [] },
  { name: 'dir', file: 'dir /nonexistent/folder\n', argv: [] },
  { name: 'logfile', file: 'logfile /nonexistent/folder/x.log\n', argv: [] },
  { name: 'dbfilename', file: 'dbfilename a/b\n', argv: [] },
  { name: 'appendfilename', file: 'appendfilename ""\n', argv: [] },
  { name: 'defrag', file: 'activedefrag yes\n', argv: [] },
  { name: 'oom', file: 'oom-score-adj-values 1 2\n', argv: [] },
  { name: 'include without argument', file: 'include\n', argv: [] },
  { name: 'error in an include', file: '# a\ninclude FOLDER/b.conf\n', argv: [], others: [['b.conf', '\n\nhz x\n']] },
  { name: 'option: bad value', file: 'port PORT\n', argv: ['--timeout', 'abc'] },
  { name: 'option: no value', file: 'port PORT', argv: ['--timeout'] },
  { name: 'option: option as value', file: 'port PORT', argv: ['--timeout', '--hz', '20'] },
  { name: 'option: single dash', file: 'port PORT', argv: ['-timeout', '5'] },
  { name: 'option: unknown', file: 'port PORT\n', argv: ['--nonsense', 'a b'] },
  { name: 'plain', file: 'port PORT\n', argv: [], ask: SAVE_AND_BIND },
  { name: 'saves add up', file: 'port PORT\nsave 900 1\nsave 60 100\n', argv: [], ask: SAVE_AND_BIND },
  { name: 'saves in one line', file: 'port PORT\nsave 900 1 60 100\n', argv: [], ask: SAVE_AND_BIND },
  { name: 'save as one text', file: 'port PORT\nsave "900 1 60 100"\n', argv: [], ask: SAVE_AND_BIND },
  { name: 'save none, then some', file: 'port PORT\nsave 9 1\nsave ""\nsave 60 100\n', argv: [], ask: SAVE_AND_BIND },
  { name: 'save alone', file: 'port PORT\nsave\n', argv: [], ask: SAVE_AND_BIND },
  {
    name: 'option: saves add up',
    file: 'port PORT\n',
    argv: ['--save', '900 1', '--save', '60', '100'],
    ask: SAVE_AND_BIND,
  },
  {
    name: 'option: save over a file',
    file: 'port PORT\nsave 9 9\n',
    argv: ['--save', '60', '100'],
    ask: SAVE_AND_BIND,
  },
  { name: 'option: save none', file: 'port PORT\nsave 9 9\n', argv: ['--save', ''], ask: SAVE_AND_BIND },
  { name: 'option: save at the end', file: 'port PORT\n', argv: ['--timeout', '5', '--save'], ask: SAVE_AND_BIND },
  {
    name: 'option: save before an option',
    file: 'port PORT\n',
    argv: ['--save', '--timeout', '5'],
    ask: SAVE_AND_BIND,
  },
  {
    name: 'option: name and value in one',
    file: 'port PORT',
    argv: ['--timeout 5', '--hz', '20'],
    ask: ['timeout', 'hz'],
  },
  { name: 'option: several values', file: 'port PORT', argv: ['--bind', '127.0.0.1', '::1'], ask: SAVE_AND_BIND },
  {
    name: 'option: limits',
    file: 'port PORT',
    argv: ['--client-output-buffer-limit', 'normal', '1mb', '1kb', '5', '--client-output-buffer-limit', 'pubsub 0 0 0'],
    ask: SAVE_AND_BIND,
  },
  {
    name: 'option: value with dashes',
    file: 'port PORT',
    argv: ['--masterauth', '--x', '--hz', '11'],
    ask: ['masterauth', 'hz'],
  },
  { name: 'option: odd text', file: 'port PORT', argv: ['--masterauth', 'a "b" \\x41'], ask: ['masterauth'] },
  { name: 'option: upper case', file: 'port PORT', argv: ['--TIMEOUT', '8'], ask: ['timeout'] },
  {
    name: 'quotes',
    file: "port PORT\nmasterauth \"a\\x41\\n\\t\\q\"\nmasteruser 'a\\n\\'b'\n",
    argv: [],
    ask: ['masterauth', 'masteruser'],
  },
  { name: 'quote within', file: 'port PORT\nmasterauth a"b c"\n', argv: [], ask: ['masterauth'] },
  { name: 'deprecated', file: 'port PORT\nlist-max-ziplist-entries 5\n', argv: [], ask: ['timeout'] },
  {
    name: 'include',
    file: 'port PORT\ntimeout 1\ninclude FOLDER/b.conf\nhz 30\n',
    argv: [],
    others: [['b.conf', 'timeout 2\nhz 20']],
    ask: ['timeout', 'hz'],
  },
  {
    name: 'save behind an include',
    file: 'port PORT\nsave 1 1\ninclude FOLDER/b.conf\nsave 3 3\nsave 4 4\n',
    argv: ['--save', '5', '5'],
    others: [['b.conf', 'save 2 2']],
    ask: ['save'],
  },
  {
    name: 'include by pattern',
    file: 'port PORT\ninclude FOLDER/*.part\ninclude FOLDER/*.none\n',
    argv: [],
    others: [
      ['1.part', 'timeout 11\n'],
      ['2.part', 'timeout 12\nhz 40\n'],
    ],
    ask: ['timeout', 'hz'],
  },
  { name: 'hz out of range', file: 'port PORT\nhz 9999\n', argv: [], ask: ['hz'] },
  { name: 'octal', file: 'port PORT\nunixsocketperm 0755\n', argv: [], ask: ['unixsocketperm'] },
  { name: 'shutdown words', file: 'port PORT\nshutdown-on-sigint nosave now\n', argv: [], ask: ['shutdown-on-sigint'] },
  {
    name: 'one word relative',
    file: 'port PORT\noom-score-adj-values 5 6 7\n',
    argv: [],
    ask: ['oom-score-adj-values'],
  },
  { name: 'standard input', file: 'port PORT\n', argv: ['--timeout', '3', '-'], ask: ['timeout', 'hz'] },
  { name: 'no file: option', file: '', argv: ['--port', 'abc'] },
];

/** What the servers are given on standard input. */
export const STANDARD_INPUT = 'hz 33\ntimeout 99\n';
