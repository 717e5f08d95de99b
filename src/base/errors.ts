/**
 * Every error text that clients see, to the letter of Redis 7.0.15, without the leading '-'.
 *
 * ERRORS are the fixed ones; the functions below them fill in a name or a number. Texts that only one command has
 * stand here, too: who looks for the words that a client reported finds them in this file.
 */
/* literal table */

/** Characters of a name, and of all arguments together, that an unknown command or sub-command is answered with. */
const ECHO_MAX = 128;

// biome-ignore format: a table
export const ERRORS = {
  // said by many commands
  WRONGTYPE:            'WRONGTYPE Operation against a key holding the wrong kind of value',
  SYNTAX:               'ERR syntax error',
  NOT_INTEGER:          'ERR value is not an integer or out of range',
  NOT_FLOAT:            'ERR value is not a valid float',
  OUT_OF_RANGE:         'ERR value is out of range',
  MUST_BE_POSITIVE:     'ERR value is out of range, must be positive',
  INDEX_OUT_OF_RANGE:   'ERR index out of range',
  NO_KEY:               'ERR no such key',
  SAME_OBJECT:          'ERR source and destination objects are the same',
  INVALID_CURSOR:       'ERR invalid cursor',
  COUNT_BETWEEN:        'ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807',
  INT_BETWEEN:          'ERR value is out of range, value must between -2147483648 and 2147483647',
  COUNT_NEGATIVE:       "ERR COUNT can't be negative",
  COUNT_POSITIVE:       'ERR count should be greater than 0',
  MAXLEN_NEGATIVE:      "ERR MAXLEN can't be negative",
  LIMIT_NEGATIVE:       "ERR LIMIT can't be negative",
  NUMKEYS_POSITIVE:     'ERR numkeys should be greater than 0',
  TOO_MANY_NUMKEYS:     "ERR Number of keys can't be greater than number of args",
  // strings, and counters inside of hashes
  INCR_OVERFLOW:        'ERR increment or decrement would overflow',
  DECR_OVERFLOW:        'ERR decrement would overflow',
  INCR_NOT_FINITE:      'ERR increment would produce NaN or Infinity',
  STRING_TOO_LONG:      'ERR string exceeds maximum allowed size (proto-max-bulk-len)',
  OFFSET_OUT_OF_RANGE:  'ERR offset is out of range',
  LCS_NOT_STRINGS:      'ERR The specified keys must contain string values',
  LCS_LEN_AND_IDX:      'ERR If you want both the length and indexes, please just use IDX.',
  LCS_MEMORY:           'ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len',
  // keys
  EXPIRE_NX_WITH_OTHER: 'ERR NX and XX, GT or LT options at the same time are not compatible',
  EXPIRE_GT_WITH_LT:    'ERR GT and LT options at the same time are not compatible',
  DB_OUT_OF_RANGE:      'ERR DB index is out of range',
  MOVE_IN_CLUSTER:      'ERR MOVE is not allowed in cluster mode',
  COPY_IN_CLUSTER:      'ERR Copying to another database is not allowed in cluster mode',
  SELECT_IN_CLUSTER:    'ERR SELECT is not allowed in cluster mode',
  SWAPDB_IN_CLUSTER:    'ERR SWAPDB is not allowed in cluster mode',
  FIRST_DB_INDEX:       'ERR invalid first DB index',
  SECOND_DB_INDEX:      'ERR invalid second DB index',
  BUSY_KEY:             'BUSYKEY Target key name already exists.',
  INVALID_TTL:          'ERR Invalid TTL value, must be >= 0',
  INVALID_IDLETIME:     'ERR Invalid IDLETIME value, must be >= 0',
  INVALID_FREQ:         'ERR Invalid FREQ value, must be >= 0 and <= 255',
  DUMP_CHECKSUM:        'ERR DUMP payload version or checksum are wrong',
  DUMP_FORMAT:          'ERR Bad data format',
  NO_IDLETIME:          'ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.',
  NO_FREQUENCY:         'ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.',
  // hashes
  HASH_NOT_INTEGER:     'ERR hash value is not an integer',
  HASH_NOT_FLOAT:       'ERR hash value is not a float',
  HASH_BY_NOT_FINITE:   'ERR value is NaN or Infinity',
  // functions
  NO_LIBRARY_NAME:      'ERR library name argument was not given',
  FUNCTION_FLUSH:       'ERR FUNCTION FLUSH only supports SYNC|ASYNC option',
  FUNCTION_POLICY:      'ERR Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.',
  NO_LIBRARY:           'ERR Library not found',
  // MIGRATE
  MIGRATE_KEYS:         'ERR When using MIGRATE KEYS option, the key argument must be set to the empty string',
  NOT_IN_MULTI:         'ERR Command not allowed inside a transaction',
  // lists
  RANK_IS_ZERO:         "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list",
  // sorted sets
  BOUND_NOT_FLOAT:      'ERR min or max is not a float',
  BOUND_NOT_STRING:     'ERR min or max not valid string range item',
  SCORE_NAN:            'ERR resulting score is not a number (NaN)',
  ZADD_NX_WITH_XX:      'ERR XX and NX options at the same time are not compatible',
  ZADD_GT_LT_NX:        'ERR GT, LT, and/or NX options at the same time are not compatible',
  ZADD_INCR_ONE_PAIR:   'ERR INCR option supports a single increment-element pair',
  WEIGHT_NOT_FLOAT:     'ERR weight value is not a float',
  // connections
  WRONG_PASSWORD:       'WRONGPASS invalid username-password pair or user is disabled.',
  AUTH_WITHOUT_PASSWORD: 'ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?',
  PROTOCOL_NOT_INTEGER: 'ERR Protocol version is not an integer or out of range',
  NO_PROTOCOL:          'NOPROTO unsupported protocol version',
  HELLO_NOAUTH:         'NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time',
  CLIENT_ID:            'ERR Invalid client ID',
  CLIENT_ID_POSITIVE:   'ERR client-id should be greater than 0',
  NO_SUCH_CLIENT:       'ERR No such client',
  PAUSE_MODE:           'ERR CLIENT PAUSE mode must be WRITE or ALL',
  TIMEOUT_NOT_INTEGER:  'ERR timeout is not an integer or out of range',
  TIMEOUT_NEGATIVE:     'ERR timeout is negative',
  TIMEOUT_NOT_FLOAT:    'ERR timeout is not a float or out of range',
  UNBLOCKED_BY_CLIENT:  'UNBLOCKED client unblocked via CLIENT UNBLOCK',
  UNBLOCKED_BY_ROLE:    'UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)',
  UNBLOCK_REASON:       'ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR',
  CLIENT_NAME:          'ERR Client names cannot contain spaces, newlines or special characters.',
  // the cluster
  CLUSTER_DISABLED:     'ERR This instance has cluster support disabled',
  INVALID_SLOT:         'ERR Invalid or out of range slot',
  INVALID_SLOT_COUNT:   'ERR Invalid slot',
  INVALID_SLOT_OR_KEYS: 'ERR Invalid slot or number of keys',
  SETSLOT_FORM:         'ERR Invalid CLUSTER SETSLOT action or number of arguments. Try CLUSTER HELP',
  NOT_A_PRIMARY:        'ERR The specified node is not a master',
  // SHUTDOWN
  NO_SHUTDOWN:          'ERR No shutdown in progress.',
  SHUTDOWN_FAILED:      'ERR Errors trying to SHUTDOWN. Check logs.',
  // DEBUG
  NOT_IN_RESP2:         'ERR RESP2 is not supported by this command',
  PROTOCOL_TYPE:        'ERR Wrong protocol type name. Please use one of the following: string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false',
  PACKED_THRESHOLD:     'ERR argument must be a memory value bigger than 1 and smaller than 4gb',
  DEBUG_DATABASE:       'ERR Out of range database',
  NO_HASH_TABLE:        'ERR The value stored at the specified key is not represented using an hash table',
  // the slow log and monitors
  SLOWLOG_COUNT:        'ERR count should be greater than or equal to -1',
  MONITOR_IN_EXEC:      "ERR MONITOR isn't allowed for DENY BLOCKING client",
  // pub/sub
  SSUBSCRIBE_IN_EXEC:   "ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client",
  // replication
  REPLICAOF_IN_CLUSTER: 'ERR REPLICAOF not allowed in cluster mode.',
  REPLICAOF_IN_FAILOVER: 'ERR REPLICAOF not allowed while failing over.',
  REPLICAOF_BY_REPLICA: 'ERR Command is not valid when client is a replica.',
  INVALID_MASTER_PORT:  'ERR Invalid master port',
  ZERO_OR_ONE:          'ERR value is out of range, value must between 0 and 1',
  SYNC_IN_FAILOVER:     "NOMASTERLINK Can't SYNC while failing over",
  SYNC_WITHOUT_PRIMARY: "NOMASTERLINK Can't SYNC while not connected with my master",
  SYNC_PENDING_OUTPUT:  'ERR SYNC and PSYNC are invalid with pending output',
  SYNC_FILTERED:        'ERR Filtered replica requires EOF capability',
  PSYNC_FAILOVER_PRIMARY: "ERR PSYNC FAILOVER can't be sent to a master.",
  PSYNC_FAILOVER_ID:    'ERR PSYNC FAILOVER replid must match my replid.',
  WAIT_AT_REPLICA:      'ERR WAIT cannot be used with replica instances. Please also note that since Redis 4.0 if a replica is configured to be writable (which is not the default) writes to replicas are just local and are not propagated.',
  FAILOVER_IN_CLUSTER:  'ERR FAILOVER not allowed in cluster mode. Use CLUSTER FAILOVER command instead.',
  NO_FAILOVER:          'ERR No failover in progress.',
  FAILOVER_TIMEOUT:     'ERR FAILOVER timeout must be greater than 0',
  FAILOVER_RUNS:        'ERR FAILOVER already in progress.',
  FAILOVER_BY_REPLICA:  'ERR FAILOVER is not valid when server is a replica.',
  FAILOVER_ALONE:       'ERR FAILOVER requires connected replicas.',
  FAILOVER_FORCE_FORM:  'ERR FAILOVER with force option requires both a timeout and target HOST and IP.',
  FAILOVER_TARGET:      'ERR FAILOVER target HOST and PORT is not a replica.',
  FAILOVER_NOT_ONLINE:  'ERR FAILOVER target replica is not online.',
  NO_REPLICAS:          'NOREPLICAS Not enough good replicas to write.',
  READ_ONLY_REPLICA:    "READONLY You can't write against a read only replica.",
  MASTER_DOWN:          "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
  CANNOT_SAVE:
    'MISCONF Redis is configured to save RDB snapshots, but it\'s currently unable to persist to disk. Commands that may modify the data set are disabled, because this instance is configured to report errors during writes if RDB snapshotting fails (stop-writes-on-bgsave-error option). Please check the Redis logs for details about the RDB error.',
  LOADING:              'LOADING Redis is loading the dataset in memory',
  // transactions
  MULTI_NESTED:         'ERR MULTI calls can not be nested',
  WATCH_IN_MULTI:       'ERR WATCH inside MULTI is not allowed',
  DISCARD_WITHOUT_MULTI: 'ERR DISCARD without MULTI',
  EXEC_WITHOUT_MULTI:   'ERR EXEC without MULTI',
  EXEC_ABORTED:         'EXECABORT Transaction discarded because of previous errors.',
  LIMIT_WITHOUT_BY:     'ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX',
  SCORES_WITH_BYLEX:    'ERR syntax error, WITHSCORES not supported in combination with BYLEX',
} as const;

/** Words of a client inside of an error: up to a zero byte, as C prints them. */
export function quoted(text: string): string {
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}

/** The same where nothing follows: line ends behind it are dropped, not turned into spaces. */
export function quotedLast(text: string): string {
  let end = quoted(text).length;
  while (end > 0 && (text[end - 1] === '\r' || text[end - 1] === '\n')) end--;
  return text.slice(0, end);
}

/** What is done now cannot be written into the append-only file; the words are those of the system. */
export function cannotLog(reason: string): string {
  return `MISCONF Errors writing to the AOF file: ${reason}`;
}

/** `command` as its row names it: 'set', 'config|get'. */
export function wrongArity(command: string): string {
  return `ERR wrong number of arguments for '${command}' command`;
}

export function helloOption(option: string): string {
  return `ERR Syntax error in HELLO option '${quoted(option)}'`;
}

export function invalidExpire(command: string): string {
  return `ERR invalid expire time in '${command}' command`;
}

export function unsupportedOption(option: string): string {
  return `ERR Unsupported option ${quotedLast(option)}`;
}

export function unknownSubcommand(container: string, subcommand: string): string {
  return `ERR unknown subcommand '${quoted(subcommand).slice(0, ECHO_MAX)}'. Try ${container} HELP.`;
}

/** `args` one after the other, until there are enough characters of them. */
export function unknownCommand(name: string, args: Iterable<string>): string {
  let said = '';
  for (const arg of args) {
    if (said.length >= ECHO_MAX) break;
    said += `'${quoted(arg.slice(0, ECHO_MAX - said.length))}' `;
  }
  return `ERR unknown command '${quoted(name).slice(0, ECHO_MAX)}', with args beginning with: ${said}`;
}

/** To a subscribed client that speaks RESP2. `command` as its row names it. */
export function notInSubscribedMode(command: string): string {
  const allowed = '(P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET';
  return `ERR Can't execute '${command}': only ${allowed} are allowed in this context`;
}

/** ZUNION and its kin. */
export function needsInputKey(command: string): string {
  return `ERR at least 1 input key is needed for '${command}' command`;
}

export function unknownClientType(name: string): string {
  return `ERR Unknown client type '${quoted(name)}'`;
}

export function noSuchUser(name: string): string {
  return `ERR No such user '${quoted(name)}'`;
}

/** LATENCY GRAPH. */
export function noLatencySamples(event: string): string {
  return `ERR No samples available for event '${quoted(event)}'`;
}

/** A sub-command that exists, but not with so many arguments. `container` in capitals, the other as it came. */
export function wrongSubcommand(container: string, subcommand: string): string {
  const said = quoted(subcommand).slice(0, ECHO_MAX);
  return `ERR unknown subcommand or wrong number of arguments for '${said}'. Try ${container} HELP.`;
}
