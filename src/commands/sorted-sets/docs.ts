/**
 * Facts for COMMAND DOCS about the commands of rows.ts beside this file.
 * The notation is explained in docs-syntax.ts; nothing here is read before somebody asks for it.
 */
/* literal table */
import type { DocExtras, DocRow } from '../docs-syntax.js';

const FRACTIONS: DocExtras = { history: [['6.0.0', 'Takes fractions of a second.']] };

export const sortedSetDocs = (): readonly DocRow[] => [
  [
    'bzmpop',
    'O(K) + O(M*log(N)) where K is the number of provided keys, N being the number of elements in the sorted set, and M being the number of elements popped.',
    'timeout:double numkeys:integer key#0* where(MIN | MAX) COUNT=count:integer?',
  ],
  ['bzpopmax', 'O(log(N)) with N being the number of elements in the sorted set.', 'key#0* timeout:double', FRACTIONS],
  ['bzpopmin', 'O(log(N)) with N being the number of elements in the sorted set.', 'key#0* timeout:double', FRACTIONS],
  [
    'zadd',
    'O(log(N)) for each item added, where N is the number of elements in the sorted set.',
    'key#0 condition(NX | XX)?@3.0.2 comparison(GT | LT)?@6.2.0 CH!change?@3.0.2 INCR!increment?@3.0.2 score_member{score:double member}*',
    {
      history: [
        ['2.4.0', 'Takes many members.'],
        ['3.0.2', 'Knows XX, NX, CH and INCR.'],
        ['6.2.0', 'Knows GT and LT.'],
      ],
    },
  ],
  ['zcard', 'O(1)', 'key#0'],
  ['zcount', 'O(log(N)) with N being the number of elements in the sorted set.', 'key#0 min:double max:double'],
  [
    'zdiff',
    'O(L + (N-K)log(N)) worst case where L is the total number of elements in all the sets, N is the size of the first set, and K is the size of the result set.',
    'numkeys:integer key#0* WITHSCORES?',
  ],
  [
    'zdiffstore',
    'O(L + (N-K)log(N)) worst case where L is the total number of elements in all the sets, N is the size of the first set, and K is the size of the result set.',
    'destination#0 numkeys:integer key#1*',
  ],
  ['zincrby', 'O(log(N)) where N is the number of elements in the sorted set.', 'key#0 increment:integer member'],
  [
    'zinter',
    'O(N*K)+O(M*log(M)) worst case with N being the smallest input sorted set, K being the number of input sorted sets and M being the number of elements in the resulting sorted set.',
    'numkeys:integer key#0* WEIGHTS=weight:integer?* AGGREGATE=aggregate(SUM | MIN | MAX)? WITHSCORES?',
  ],
  [
    'zintercard',
    'O(N*K) worst case with N being the smallest input sorted set, K being the number of input sorted sets.',
    'numkeys:integer key#0* LIMIT=limit:integer?',
  ],
  [
    'zinterstore',
    'O(N*K)+O(M*log(M)) worst case with N being the smallest input sorted set, K being the number of input sorted sets and M being the number of elements in the resulting sorted set.',
    'destination#0 numkeys:integer key#1* WEIGHTS=weight:integer?* AGGREGATE=aggregate(SUM | MIN | MAX)?',
  ],
  ['zlexcount', 'O(log(N)) with N being the number of elements in the sorted set.', 'key#0 min max'],
  [
    'zmpop',
    'O(K) + O(M*log(N)) where K is the number of provided keys, N being the number of elements in the sorted set, and M being the number of elements popped.',
    'numkeys:integer key#0* where(MIN | MAX) COUNT=count:integer?',
  ],
  ['zmscore', 'O(N) where N is the number of members being requested.', 'key#0 member*'],
  [
    'zpopmax',
    'O(log(N)*M) with N being the number of elements in the sorted set, and M being the number of elements popped.',
    'key#0 count:integer?',
  ],
  [
    'zpopmin',
    'O(log(N)*M) with N being the number of elements in the sorted set, and M being the number of elements popped.',
    'key#0 count:integer?',
  ],
  [
    'zrandmember',
    'O(N) where N is the number of elements returned',
    'key#0 options{count:integer WITHSCORES?}?',
    { tips: 'nondeterministic_output' },
  ],
  [
    'zrange',
    'O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements returned.',
    'key#0 start stop sortby(BYSCORE | BYLEX)?@6.2.0 REV?@6.2.0 LIMIT=offset_count{offset:integer count:integer}?@6.2.0 WITHSCORES?',
    { history: [['6.2.0', 'Knows BYSCORE, BYLEX, REV and LIMIT.']] },
  ],
  [
    'zrangebylex',
    'O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements being returned. If M is constant (e.g. always asking for the first 10 elements with LIMIT), you can consider it O(log(N)).',
    'key#0 min max LIMIT=offset_count{offset:integer count:integer}?',
    { deprecated: ['6.2.0', '`ZRANGE` with the `BYLEX` argument'] },
  ],
  [
    'zrangebyscore',
    'O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements being returned. If M is constant (e.g. always asking for the first 10 elements with LIMIT), you can consider it O(log(N)).',
    'key#0 min:double max:double WITHSCORES?@2.0.0 LIMIT=offset_count{offset:integer count:integer}?',
    { history: [['2.0.0', 'Knows WITHSCORES.']], deprecated: ['6.2.0', '`ZRANGE` with the `BYSCORE` argument'] },
  ],
  [
    'zrangestore',
    'O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements stored into the destination key.',
    'dst#0 src#1 min max sortby(BYSCORE | BYLEX)? REV? LIMIT=offset_count{offset:integer count:integer}?',
  ],
  ['zrank', 'O(log(N))', 'key#0 member'],
  [
    'zrem',
    'O(M*log(N)) with N being the number of elements in the sorted set and M the number of elements to be removed.',
    'key#0 member*',
    { history: [['2.4.0', 'Takes many members.']] },
  ],
  [
    'zremrangebylex',
    'O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements removed by the operation.',
    'key#0 min max',
  ],
  [
    'zremrangebyrank',
    'O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements removed by the operation.',
    'key#0 start:integer stop:integer',
  ],
  [
    'zremrangebyscore',
    'O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements removed by the operation.',
    'key#0 min:double max:double',
  ],
  [
    'zrevrange',
    'O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements returned.',
    'key#0 start:integer stop:integer WITHSCORES?',
    { deprecated: ['6.2.0', '`ZRANGE` with the `REV` argument'] },
  ],
  [
    'zrevrangebylex',
    'O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements being returned. If M is constant (e.g. always asking for the first 10 elements with LIMIT), you can consider it O(log(N)).',
    'key#0 max min LIMIT=offset_count{offset:integer count:integer}?',
    { deprecated: ['6.2.0', '`ZRANGE` with the `REV` and `BYLEX` arguments'] },
  ],
  [
    'zrevrangebyscore',
    'O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements being returned. If M is constant (e.g. always asking for the first 10 elements with LIMIT), you can consider it O(log(N)).',
    'key#0 max:double min:double WITHSCORES? LIMIT=offset_count{offset:integer count:integer}?',
    {
      history: [['2.1.6', 'Bounds can be exclusive.']],
      deprecated: ['6.2.0', '`ZRANGE` with the `REV` and `BYSCORE` arguments'],
    },
  ],
  ['zrevrank', 'O(log(N))', 'key#0 member'],
  [
    'zscan',
    'O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection..',
    'key#0 cursor:integer MATCH=pattern:pattern? COUNT=count:integer?',
    { tips: 'nondeterministic_output' },
  ],
  ['zscore', 'O(1)', 'key#0 member'],
  [
    'zunion',
    'O(N)+O(M*log(M)) with N being the sum of the sizes of the input sorted sets, and M being the number of elements in the resulting sorted set.',
    'numkeys:integer key#0* WEIGHTS=weight:integer?* AGGREGATE=aggregate(SUM | MIN | MAX)? WITHSCORES?',
  ],
  [
    'zunionstore',
    'O(N)+O(M log(M)) with N being the sum of the sizes of the input sorted sets, and M being the number of elements in the resulting sorted set.',
    'destination#0 numkeys:integer key#1* WEIGHTS=weight:integer?* AGGREGATE=aggregate(SUM | MIN | MAX)?',
  ],
];
