/**
 * DEBUG: the sub-commands, with how many arguments they take. One command in the table, as in Redis.
 *
 * What is missing here is answered as a sub-command that does not exist.
 */
/* literal table */
import { wrongSubcommand } from '../../../base/errors.js';
import type { Handler } from '../../handler.js';
import { debugClusterLink, debugDropPackets } from './bus.js';
import { debugDigest, debugDigestValue } from './digest.js';
import { debugHtstats, debugHtstatsKey, debugObject } from './objects.js';
import { debugError, debugProtocol } from './protocol.js';
import { debugLoadLog, debugLogSleep, debugReload } from './reload.js';
import {
  debugAssert,
  debugConfigRewrite,
  debugLog,
  debugPackedThreshold,
  debugPanic,
  debugPauseCron,
  debugPopulate,
  debugReplicate,
  debugSegfault,
  debugSetActiveExpire,
  debugSkipChecksum,
  debugSleep,
  debugStringMatch,
} from './switches.js';

const ANY = Number.MAX_SAFE_INTEGER;

type Row = readonly [name: string, least: number, most: number, run: Handler];

// biome-ignore format: a table
const ROWS: readonly Row[] = [
  // name                       arguments  handler
  ['aof-flush-sleep',            3,  3,    debugLogSleep],
  ['assert',                     2,  ANY,  debugAssert],
  ['clusterlink',                5,  5,    debugClusterLink],
  ['config-rewrite-force-all',   2,  2,    debugConfigRewrite],
  ['digest',                     2,  2,    debugDigest],
  ['digest-value',               2,  ANY,  debugDigestValue],
  ['drop-cluster-packet-filter', 3,  3,    debugDropPackets],
  ['error',                      3,  3,    debugError],
  ['help',                       2,  2,    (_request, reply) => reply.lines(HELP)],
  ['htstats',                    3,  3,    debugHtstats],
  ['htstats-key',                3,  3,    debugHtstatsKey],
  ['loadaof',                    2,  ANY,  debugLoadLog],
  ['log',                        3,  3,    debugLog],
  ['object',                     3,  3,    debugObject],
  ['panic',                      2,  ANY,  debugPanic],
  ['pause-cron',                 3,  3,    debugPauseCron],
  ['populate',                   3,  5,    debugPopulate],
  ['protocol',                   3,  3,    debugProtocol],
  ['quicklist-packed-threshold', 3,  3,    debugPackedThreshold],
  ['reload',                     2,  ANY,  debugReload],
  ['replicate',                  3,  ANY,  debugReplicate],
  ['segfault',                   2,  ANY,  debugSegfault],
  ['set-active-expire',          3,  3,    debugSetActiveExpire],
  ['set-skip-checksum-validation', 3, 3,   debugSkipChecksum],
  ['sleep',                      3,  3,    debugSleep],
  ['stringmatch-test',           2,  2,    debugStringMatch],
];

const BY_NAME: ReadonlyMap<string, Row> = new Map(ROWS.map((row) => [row[0], row]));

export const debug: Handler = (request, reply, db, session) => {
  const name = request.text(1);
  const row = BY_NAME.get(name.toLowerCase());
  if (row === undefined || request.argc < row[1] || request.argc > row[2])
    return reply.error(wrongSubcommand('DEBUG', name));
  row[3](request, reply, db, session);
};

const HELP = [
  'DEBUG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:',
  'AOF-FLUSH-SLEEP <microsec>',
  '    Server will sleep before flushing the AOF, this is used for testing.',
  'ASSERT',
  '    Crash by assertion failed.',
  'CONFIG-REWRITE-FORCE-ALL',
  '    Like CONFIG REWRITE but writes all configuration options, including',
  '    keywords not listed in original configuration file or default values.',
  'DIGEST',
  '    Output a hex signature representing the current DB content.',
  'DIGEST-VALUE <key> [<key> ...]',
  '    Output a hex signature of the values of all the specified keys.',
  'ERROR <string>',
  '    Return a Redis protocol error with <string> as message. Useful for clients',
  '    unit tests to simulate Redis errors.',
  'LOG <message>',
  '    Write <message> to the server log.',
  'HTSTATS <dbid>',
  '    Return hash table statistics of the specified Redis database.',
  'HTSTATS-KEY <key>',
  "    Like HTSTATS but for the hash table stored at <key>'s value.",
  'RELOAD [option ...]',
  '    Save the RDB on disk and reload it back to memory. Valid <option> values:',
  '    * MERGE: conflicting keys will be loaded from RDB.',
  '    * NOFLUSH: the existing database will not be removed before load, but',
  '      conflicting keys will generate an exception and kill the server.',
  '    * NOSAVE: the database will be loaded from an existing RDB file.',
  '    Examples:',
  '    * DEBUG RELOAD: verify that the server is able to persist, flush and reload',
  '      the database.',
  '    * DEBUG RELOAD NOSAVE: replace the current database with the contents of an',
  '      existing RDB file.',
  '    * DEBUG RELOAD NOSAVE NOFLUSH MERGE: add the contents of an existing RDB',
  '      file to the database.',
  'LOADAOF',
  '    Flush the AOF buffers on disk and reload the AOF in memory.',
  'REPLICATE <string>',
  '    Replicates the provided string to replicas, allowing data divergence.',
  'OBJECT <key>',
  '    Show low level info about `key` and associated value.',
  'PANIC',
  '    Crash the server simulating a panic.',
  'POPULATE <count> [<prefix>] [<size>]',
  '    Create <count> string keys named key:<num>. If <prefix> is specified then',
  "    it is used instead of the 'key' prefix. These are not propagated to",
  '    replicas. Cluster slots are not respected so keys not belonging to the',
  '    current node can be created in cluster mode.',
  'PROTOCOL <type>',
  '    Reply with a test value of the specified type. <type> can be: string,',
  '    integer, double, bignum, null, array, set, map, attrib, push, verbatim,',
  '    true, false.',
  'SEGFAULT',
  '    Crash the server with sigsegv.',
  'SET-ACTIVE-EXPIRE <0|1>',
  '    Setting it to 0 disables expiring keys in background when they are not',
  '    accessed (otherwise the Redis behavior). Setting it to 1 reenables back the',
  '    default.',
  'QUICKLIST-PACKED-THRESHOLD <size>',
  '    Sets the threshold for elements to be inserted as plain vs packed nodes',
  '    Default value is 1GB, allows values up to 4GB. Setting to 0 restores to default.',
  'SET-SKIP-CHECKSUM-VALIDATION <0|1>',
  "    Enables or disables checksum checks for RDB files and RESTORE's payload.",
  'SLEEP <seconds>',
  '    Stop the server for <seconds>. Decimals allowed.',
  'STRINGMATCH-TEST',
  '    Run a fuzz tester against the stringmatchlen() function.',
  'PAUSE-CRON <0|1>',
  '    Stop periodic cron job processing.',
  'DROP-CLUSTER-PACKET-FILTER <packet-type>',
  '    Drop all packets that match the filtered type. Set to -1 allow all packets.',
  'CLUSTERLINK KILL <to|from|all> <node-id>',
  '    Kills the link based on the direction to/from (both) with the provided node.',
  'HELP',
  '    Prints this help.',
];
