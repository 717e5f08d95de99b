/**
 * Facts for COMMAND DOCS about the commands of rows.ts beside this file.
 * The notation is explained in docs-syntax.ts; nothing here is read before somebody asks for it.
 */
/* literal table */
import type { DocExtras, DocRow } from '../docs-syntax.js';

const FRACTIONS: DocExtras = { history: [['6.0.0', 'Takes fractions of a second.']] };

export const listDocs = (): readonly DocRow[] => [
  ['blmove', 'O(1)', 'source#0 destination#1 wherefrom(LEFT | RIGHT) whereto(LEFT | RIGHT) timeout:double'],
  [
    'blmpop',
    'O(N+M) where N is the number of provided keys and M is the number of elements returned.',
    'timeout:double numkeys:integer key#0* where(LEFT | RIGHT) COUNT=count:integer?',
  ],
  ['blpop', 'O(N) where N is the number of provided keys.', 'key#0* timeout:double', FRACTIONS],
  ['brpop', 'O(N) where N is the number of provided keys.', 'key#0* timeout:double', FRACTIONS],
  [
    'brpoplpush',
    'O(1)',
    'source#0 destination#1 timeout:double',
    { ...FRACTIONS, deprecated: ['6.2.0', '`BLMOVE` with the `RIGHT` and `LEFT` arguments'] },
  ],
  [
    'lindex',
    'O(N) where N is the number of elements to traverse to get to the element at index. This makes asking for the first or the last element of the list O(1).',
    'key#0 index:integer',
  ],
  [
    'linsert',
    'O(N) where N is the number of elements to traverse before seeing the value pivot. This means that inserting somewhere on the left end on the list (head) can be considered O(1) and inserting somewhere on the right end (tail) is O(N).',
    'key#0 where(BEFORE | AFTER) pivot element',
  ],
  ['llen', 'O(1)', 'key#0'],
  ['lmove', 'O(1)', 'source#0 destination#1 wherefrom(LEFT | RIGHT) whereto(LEFT | RIGHT)'],
  [
    'lmpop',
    'O(N+M) where N is the number of provided keys and M is the number of elements returned.',
    'numkeys:integer key#0* where(LEFT | RIGHT) COUNT=count:integer?',
  ],
  [
    'lpop',
    'O(N) where N is the number of elements returned',
    'key#0 count:integer?@6.2.0',
    { history: [['6.2.0', 'Takes a count.']] },
  ],
  [
    'lpos',
    'O(N) where N is the number of elements in the list, for the average case. When searching for elements near the head or the tail of the list, or when the MAXLEN option is provided, the command may run in constant time.',
    'key#0 element RANK=rank:integer? COUNT=num-matches:integer? MAXLEN=len:integer?',
  ],
  [
    'lpush',
    'O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.',
    'key#0 element*',
    { history: [['2.4.0', 'Takes many elements.']] },
  ],
  [
    'lpushx',
    'O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.',
    'key#0 element*',
    { history: [['4.0.0', 'Takes many elements.']] },
  ],
  [
    'lrange',
    'O(S+N) where S is the distance of start offset from HEAD for small lists, from nearest end (HEAD or TAIL) for large lists; and N is the number of elements in the specified range.',
    'key#0 start:integer stop:integer',
  ],
  [
    'lrem',
    'O(N+M) where N is the length of the list and M is the number of elements removed.',
    'key#0 count:integer element',
  ],
  [
    'lset',
    'O(N) where N is the length of the list. Setting either the first or the last element of the list is O(1).',
    'key#0 index:integer element',
  ],
  [
    'ltrim',
    'O(N) where N is the number of elements to be removed by the operation.',
    'key#0 start:integer stop:integer',
  ],
  [
    'rpop',
    'O(N) where N is the number of elements returned',
    'key#0 count:integer?@6.2.0',
    { history: [['6.2.0', 'Takes a count.']] },
  ],
  [
    'rpoplpush',
    'O(1)',
    'source#0 destination#1',
    { deprecated: ['6.2.0', '`LMOVE` with the `RIGHT` and `LEFT` arguments'] },
  ],
  [
    'rpush',
    'O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.',
    'key#0 element*',
    { history: [['2.4.0', 'Takes many elements.']] },
  ],
  [
    'rpushx',
    'O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.',
    'key#0 element*',
    { history: [['4.0.0', 'Takes many elements.']] },
  ],
];
