/**
 * The cluster bus packet, stated once, as tables.
 *
 * Every packet starts with the same 2,256-byte header, in which the sender says who it is and what it owns. What
 * follows depends on the type.
 *
 *    0    4       8   10   12   14   16      24      32       40
 *    ├────┼───────┼───┼────┼────┼────┼───────┼───────┼────────┤
 *    │RCmb│length │ver│port│type│cnt │current│config │ repl   │
 *    │    │       │ 1 │    │    │    │ epoch │ epoch │ offset │
 *    ├────┴───────┴───┴──┬─┴────┴────┴───────┴───────┴────────┤
 *    │ 40 sender id      │ 80  slots, one bit each (2,048 B)  │
 *    ├───────────────────┼──────────┬───────────┬─────────────┤
 *    │ 2128 primary's id │ 2168 ip  │ 2214 ext. │ 2246 ports, │
 *    │ (zeros: I am one) │ (46 B)   │ + 30 free │ flags,state │
 *    ├───────────────────┴──────────┴───────────┴─────────────┤
 *    │ 2256 body: 104-byte gossip entries and extensions ·    │
 *    │      failed node's id · nothing (votes) · a message …  │
 *    └────────────────────────────────────────────────────────┘
 *
 * All numbers are big-endian. A row states its offset although the sizes above it already imply one: the reader gets
 * the number, `sizeOf` compares. The last column is the name in cluster.h, so that a search for either finds both.
 */

export type FieldType = 'u8' | 'u16' | 'u32' | 'u64' | 'text' | 'bytes';
export type Row = readonly [offset: number, type: FieldType, size: number, name: string, cName: string];
export type Layout = readonly Row[];

/** The JavaScript value of a field. `text` is padded with NUL on the wire, never here. */
interface ValueOf {
  u8: number;
  u16: number;
  u32: number;
  u64: number;
  text: string;
  bytes: Uint8Array;
}

/** The record a layout describes: the type follows the table, so they cannot drift apart. */
export type RecordOf<L extends Layout> = { [R in L[number] as R[3]]: ValueOf[R[1]] };

// biome-ignore format: a table
export const HEADER = [
  // offset  type    size  our name           in cluster.h
  [      0, 'text',     4, 'signature',       'sig'          ],
  [      4, 'u32',      4, 'totalLength',     'totlen'       ],
  [      8, 'u16',      2, 'version',         'ver'          ],
  [     10, 'u16',      2, 'port',            'port'         ],
  [     12, 'u16',      2, 'type',            'type'         ],
  [     14, 'u16',      2, 'count',           'count'        ],
  [     16, 'u64',      8, 'currentEpoch',    'currentEpoch' ],
  [     24, 'u64',      8, 'configEpoch',     'configEpoch'  ],
  [     32, 'u64',      8, 'replOffset',      'offset'       ],
  [     40, 'text',    40, 'senderId',        'sender'       ],
  [     80, 'bytes', 2048, 'slots',           'myslots'      ],
  [   2128, 'text',    40, 'primaryId',       'slaveof'      ],
  [   2168, 'text',    46, 'ip',              'myip'         ],
  [   2214, 'u16',      2, 'extensionCount',  'extensions'   ],
  [   2216, 'bytes',   30, 'reserved',        'notused1'     ],
  [   2246, 'u16',      2, 'plainPort',       'pport'        ],
  [   2248, 'u16',      2, 'busPort',         'cport'        ],
  [   2250, 'u16',      2, 'flags',           'flags'        ],
  [   2252, 'u8',       1, 'clusterState',    'state'        ],
  [   2253, 'u8',       1, 'messageFlags',    'mflags'       ], // three bytes in C, one of them in use
  [   2254, 'bytes',    2, 'reservedFlags',   'mflags'       ],
] as const satisfies Layout;

// biome-ignore format: a table
export const GOSSIP_ENTRY = [
  [      0, 'text',    40, 'nodeId',          'nodename'     ],
  [     40, 'u32',      4, 'pingSentSec',     'ping_sent'    ],
  [     44, 'u32',      4, 'pongReceivedSec', 'pong_received'],
  [     48, 'text',    46, 'ip',              'ip'           ],
  [     94, 'u16',      2, 'port',            'port'         ],
  [     96, 'u16',      2, 'busPort',         'cport'        ],
  [     98, 'u16',      2, 'flags',           'flags'        ],
  [    100, 'u16',      2, 'plainPort',       'pport'        ],
  [    102, 'u16',      2, 'reserved',        'notused1'     ],
] as const satisfies Layout;

/** Stands in front of each extension of a heartbeat; its length counts itself and is a multiple of eight. */
// biome-ignore format: a table
export const EXTENSION_HEAD = [
  [      0, 'u32',      4, 'length',          'length'       ],
  [      4, 'u16',      2, 'type',            'type'         ],
  [      6, 'u16',      2, 'reserved',        'unused'       ],
] as const satisfies Layout;

// biome-ignore format: a table
export const FAIL_BODY = [
  [      0, 'text',    40, 'nodeId',          'nodename'     ],
] as const satisfies Layout;

/** The channel and the message follow, without padding. */
// biome-ignore format: a table
export const PUBLISH_HEAD = [
  [      0, 'u32',      4, 'channelLength',   'channel_len'  ],
  [      4, 'u32',      4, 'messageLength',   'message_len'  ],
] as const satisfies Layout;

// biome-ignore format: a table
export const UPDATE_BODY = [
  [      0, 'u64',      8, 'configEpoch',     'configEpoch'  ],
  [      8, 'text',    40, 'nodeId',          'nodename'     ],
  [     48, 'bytes', 2048, 'slots',           'slots'        ],
] as const satisfies Layout;

/** The payload follows at once, where C has three bytes of padding. The module's id is a number for modules alone. */
// biome-ignore format: a table
export const MODULE_HEAD = [
  [      0, 'bytes',    8, 'moduleId',        'module_id'    ],
  [      8, 'u32',      4, 'payloadLength',   'len'          ],
  [     12, 'u8',       1, 'messageType',     'type'         ],
] as const satisfies Layout;

/** What may follow the header. */
export type BodyKind = 'gossip' | 'fail' | 'publish' | 'empty' | 'update' | 'module';

/** Position in this list = type number on the wire. The last column is the name in logs and in CLUSTER INFO. */
// biome-ignore format: a table
export const MESSAGES = [
  /*  0 */ ['PING',                  'gossip',  'ping'        ],
  /*  1 */ ['PONG',                  'gossip',  'pong'        ],
  /*  2 */ ['MEET',                  'gossip',  'meet'        ],
  /*  3 */ ['FAIL',                  'fail',    'fail'        ],
  /*  4 */ ['PUBLISH',               'publish', 'publish'     ],
  /*  5 */ ['FAILOVER_AUTH_REQUEST', 'empty',   'auth-req'    ],
  /*  6 */ ['FAILOVER_AUTH_ACK',     'empty',   'auth-ack'    ],
  /*  7 */ ['UPDATE',                'update',  'update'      ],
  /*  8 */ ['MFSTART',               'empty',   'mfstart'     ],
  /*  9 */ ['MODULE',                'module',  'module'      ],
  /* 10 */ ['PUBLISHSHARD',          'publish', 'publishshard'],
] as const satisfies readonly (readonly [string, BodyKind, string])[];

export type MessageName = (typeof MESSAGES)[number][0];

/** The kind of body each message has: `BodyKindOf<'FAIL'>` is `'fail'`. */
export type BodyKindOf<T extends MessageName> = Extract<(typeof MESSAGES)[number], readonly [T, ...unknown[]]>[1];

/** What an extension of a heartbeat tells. Later versions of the bus have more; those are carried unread. */
export const EXTENSION = { hostname: 0 } as const;

/** Bits of the `flags` fields, in the header and in gossip entries. */
export const FLAG = {
  primary: 1,
  replica: 2,
  suspected: 4,
  failed: 8,
  myself: 16,
  handshake: 32,
  noAddress: 64,
  meet: 128,
  migrateTo: 256,
  noFailover: 512,
} as const;

/** Bits of `messageFlags`. */
export const MESSAGE_FLAG = { paused: 1, forceAck: 2, extensions: 4 } as const;

/** Values of `clusterState`. */
export const STATE = { ok: 0, fail: 1 } as const;

export const SIGNATURE = 'RCmb';
export const PROTOCOL_VERSION = 1;
export const HEADER_SIZE = sizeOf(HEADER); //                   2,256
export const GOSSIP_ENTRY_SIZE = sizeOf(GOSSIP_ENTRY); //         104
export const EXTENSION_HEAD_SIZE = sizeOf(EXTENSION_HEAD); //       8
export const FAIL_BODY_SIZE = sizeOf(FAIL_BODY); //                40
export const PUBLISH_HEAD_SIZE = sizeOf(PUBLISH_HEAD); //           8
export const UPDATE_BODY_SIZE = sizeOf(UPDATE_BODY); //         2,096
export const MODULE_HEAD_SIZE = sizeOf(MODULE_HEAD); //            13

/** A table whose offsets contradict its sizes stops the program before it sends a byte. */
function sizeOf(layout: Layout): number {
  return layout.reduce((end, [offset, , size, name]) => {
    if (offset !== end) throw new Error(`layout: ${name} is at ${offset}, but the rows above end at ${end}`);
    return end + size;
  }, 0);
}
