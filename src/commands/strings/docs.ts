/**
 * Facts for COMMAND DOCS about the commands of rows.ts beside this file.
 * The notation is explained in docs-syntax.ts; nothing here is read before somebody asks for it.
 */
/* literal table */
import type { DocRow } from '../docs-syntax.js';

export const stringDocs = (): readonly DocRow[] => [
  [
    'append',
    'O(1). The amortized time complexity is O(1) assuming the appended value is small and the already present value is of any size, since the dynamic string library used by Redis will double the free space available on every reallocation.',
    'key#0 value',
  ],
  ['decr', 'O(1)', 'key#0'],
  ['decrby', 'O(1)', 'key#0 decrement:integer'],
  ['get', 'O(1)', 'key#0'],
  ['getdel', 'O(1)', 'key#0'],
  [
    'getex',
    'O(1)',
    'key#0 expiration(EX=seconds:integer | PX=milliseconds:integer | EXAT=unix-time-seconds:unix-time | PXAT=unix-time-milliseconds:unix-time | PERSIST)?',
    { keyNote: 'RW and UPDATE because it changes the TTL' },
  ],
  [
    'getrange',
    'O(N) where N is the length of the returned string. The complexity is ultimately determined by the returned length, but because creating a substring from an existing string is very cheap, it can be considered O(1) for small strings.',
    'key#0 start:integer end:integer',
  ],
  ['getset', 'O(1)', 'key#0 value', { deprecated: ['6.2.0', '`SET` with the `!GET` argument'] }],
  ['incr', 'O(1)', 'key#0'],
  ['incrby', 'O(1)', 'key#0 increment:integer'],
  ['incrbyfloat', 'O(1)', 'key#0 increment:double'],
  [
    'lcs',
    'O(N*M) where N and M are the lengths of s1 and s2, respectively',
    'key1#0 key2#0 LEN? IDX? MINMATCHLEN=len:integer? WITHMATCHLEN?',
  ],
  ['mget', 'O(N) where N is the number of keys to retrieve.', 'key#0*', { tips: 'request_policy:multi_shard' }],
  [
    'mset',
    'O(N) where N is the number of keys to set.',
    'key_value{key#0 value}*',
    { tips: 'request_policy:multi_shard response_policy:all_succeeded' },
  ],
  [
    'msetnx',
    'O(N) where N is the number of keys to set.',
    'key_value{key#0 value}*',
    { tips: 'request_policy:multi_shard response_policy:agg_min' },
  ],
  ['psetex', 'O(1)', 'key#0 milliseconds:integer value'],
  [
    'set',
    'O(1)',
    'key#0 value condition(NX | XX)?@2.6.12 GET?@6.2.0 expiration(EX=seconds:integer@2.6.12 | PX=milliseconds:integer@2.6.12 | EXAT=unix-time-seconds:unix-time@6.2.0 | PXAT=unix-time-milliseconds:unix-time@6.2.0 | KEEPTTL@6.0.0)?',
    {
      history: [
        ['2.6.12', 'Knows EX, PX, NX and XX.'],
        ['6.0.0', 'Knows KEEPTTL.'],
        ['6.2.0', 'Knows GET, EXAT and PXAT.'],
        ['7.0.0', 'NX and GET go together.'],
      ],
      keyNote: 'RW and ACCESS due to the optional `GET` argument',
    },
  ],
  ['setex', 'O(1)', 'key#0 seconds:integer value'],
  ['setnx', 'O(1)', 'key#0 value'],
  [
    'setrange',
    'O(1), not counting the time taken to copy the new string in place. Usually, this string is very small so the amortized complexity is O(1). Otherwise, complexity is O(M) with M being the length of the value argument.',
    'key#0 offset:integer value',
  ],
  ['strlen', 'O(1)', 'key#0'],
  [
    'substr',
    'O(N) where N is the length of the returned string. The complexity is ultimately determined by the returned length, but because creating a substring from an existing string is very cheap, it can be considered O(1) for small strings.',
    'key#0 start:integer end:integer',
    { deprecated: ['2.0.0', '`GETRANGE`'] },
  ],
];
