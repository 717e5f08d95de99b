/**
 * Literal table: every directive of 7.0.15, as a row, in the order CONFIG GET and CONFIG REWRITE name them.
 *
 * A row is all there is to know of a directive: to add one, add a row. What reads a kind is in `config/kinds.ts` and
 * `config/specials.ts`; the type of `config.someField` follows from kind and range in `config/fields.ts`.
 *
 *   range    lowest and highest number, or the words allowed
 *   change   live: CONFIG SET takes it · start: only the file or the command line does · protected: only where
 *            enable-protected-configs allows · busy: not while loading · secret: never shown in logs
 *            hidden: CONFIG GET wants the exact name · again: setting the same value acts as well
 *   act      the hook that is run after a change (see `Act`), '' where readers simply see the new value
 */

const INT_MIN = -2_147_483_648;
const INT_MAX = 2_147_483_647;
const UINT_MAX = 4_294_967_295;
const LONG_MAX = 9_223_372_036_854_775_807n;
const ULONG_MAX = 18_446_744_073_709_551_615n;

const NATURAL = [0, INT_MAX] as const;
const POSITIVE = [1, INT_MAX] as const;
const INT = [INT_MIN, INT_MAX] as const;
const UINT = [0, UINT_MAX] as const;
const UINT_FROM_1 = [1, UINT_MAX] as const;
const LONG = [0, LONG_MAX] as const;
const LONG_FROM_1 = [1, LONG_MAX] as const;
const ULONG = [0, ULONG_MAX] as const;
const MEGABYTE_UP = [1_048_576, LONG_MAX] as const;
const PORT = [0, 65_535] as const;
const PER_CENT = [1, 99] as const;
const PER_MILLE = [0, 1000] as const;

const SUPERVISORS = ['upstart', 'systemd', 'auto', 'no'] as const;
const LOG_LEVELS = ['debug', 'verbose', 'notice', 'warning'] as const;
const LOG_FORMATS = ['text', 'json'] as const;
const FACILITIES = ['user', 'local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7'] as const;
const SHUTDOWN = ['default', 'save', 'nosave', 'now', 'force'] as const;
const OOM = ['no', 'yes', 'relative', 'absolute'] as const;
const WHO = ['no', 'yes', 'local'] as const;
const POLICIES = [
  'volatile-lru',
  'volatile-lfu',
  'volatile-random',
  'volatile-ttl',
  'allkeys-lru',
  'allkeys-lfu',
  'allkeys-random',
  'noeviction',
] as const;
const ENDPOINTS = ['ip', 'hostname', 'unknown-endpoint'] as const;
const DISKLESS = ['disabled', 'on-empty-db', 'swapdb'] as const;
const PROPAGATION = ['ignore', 'panic', 'panic-on-replicas'] as const;
const SANITIZE = ['no', 'yes', 'clients'] as const;
const FSYNCS = ['everysec', 'always', 'no'] as const;
const CHANNELS = ['allchannels', 'resetchannels'] as const;
const ASK = ['no', 'yes', 'optional'] as const;

/** What a server without any configuration starts with. */
const SAVES = '3600 1 300 100 60 10000';
const OUTPUT_LIMITS = 'normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60';
const TITLE = '{title} {listen-addr} {server-mode}';

/**
 * How a value is written. `text` is cut at a zero byte, `bytes` is not; `or none`: the empty value is the absence of one,
 * and CONFIG REWRITE drops the line. `list`: takes several arguments.
 */
export type Kind =
  | 'yes/no'
  | 'signed'
  | 'unsigned'
  | 'signed memory'
  | 'unsigned memory'
  | 'memory or percent'
  | 'octal'
  | 'one of'
  | 'some of'
  | 'text'
  | 'text or none'
  | 'bytes or none'
  | 'special'
  | 'special list';

/** Steps that a node takes when a value changed. One step may serve several directives; it runs once per CONFIG SET. */
export type Act =
  | 'aof-gc'
  | 'appendonly'
  | 'bind'
  | 'cluster-flags'
  | 'cluster-hostname'
  | 'cluster-ip'
  | 'cluster-ports'
  | 'crash-log'
  | 'good-replicas'
  | 'hz'
  | 'maxclients'
  | 'maxmemory'
  | 'maxmemory-clients'
  | 'oom-score'
  | 'port'
  | 'proc-title'
  | 'repl-backlog'
  | 'requirepass'
  | 'tls'
  | 'tls-port'
  | 'watchdog';

export type Range = readonly [number | bigint, number | bigint] | readonly string[] | null;

export type DirectiveRow = readonly [
  name: string,
  kind: Kind,
  initial: string | number,
  range: Range,
  change: string,
  act: Act | '',
  drives: string,
];

// biome-ignore format: a table
export const DIRECTIVES = [
  // name                                kind                 default        range         change         act            what it drives

  // Listening and connections
  ['port',                                 'signed',            6379,          PORT,         'live',        'port',        'the TCP port of clients; 0 listens on none'],
  ['bind',                                 'special list',      '* -::*',      null,         'live',        'bind',        'the addresses clients are accepted on'],
  ['unixsocket',                           'text or none',      '',            null,         'start',       '',            'path of the socket file for local clients'],
  ['unixsocketperm',                       'octal',             0,             [0, 0o777],   'start',       '',            'file mode of that socket, in octal'],
  ['tcp-backlog',                          'signed',            511,           NATURAL,      'start',       '',            'connections the system may hold back until we accept them'],
  ['tcp-keepalive',                        'signed',            300,           NATURAL,      'live',        '',            'seconds until a silent connection is probed; 0 never'],
  ['timeout',                              'signed',            0,             NATURAL,      'live',        '',            'seconds after which an idle client is closed; 0 never'],
  ['maxclients',                           'unsigned',          10_000,        UINT_FROM_1,  'live',        'maxclients',  'clients served at the same time'],
  ['maxmemory-clients',                    'memory or percent', 0,             [-100, LONG_MAX], 'live',        'maxmemory-clients', 'memory all clients may take together; below 0 it is a percentage of maxmemory'],
  ['client-query-buffer-limit',            'unsigned memory',   1_073_741_824, MEGABYTE_UP,  'live',        '',            'the longest unparsed request kept for one client'],
  ['client-output-buffer-limit',           'special list',      OUTPUT_LIMITS, null,         'live',        '',            'unread reply bytes after which a client is closed, per class'],
  ['proto-max-bulk-len',                   'signed memory',     536_870_912,   MEGABYTE_UP,  'live',        '',            'the longest single argument'],
  ['protected-mode',                       'yes/no',            'yes',         null,         'live',        '',            'refuse strangers while there is no password'],
  ['bind-source-addr',                     'text or none',      '',            null,         'live',        '',            'the address our own outgoing connections come from'],
  ['socket-mark-id',                       'unsigned',          0,             UINT,         'start',       '',            'mark put on listening sockets, for packet filters'],
  ['requirepass',                          'bytes or none',     '',            null,         'live secret', 'requirepass', 'password of the default user'],

  // The process
  ['daemonize',                            'yes/no',            'no',          null,         'start',       '',            'go to the background'],
  ['supervised',                           'one of',            'no',          SUPERVISORS,  'start',       '',            'who watches over the process'],
  ['pidfile',                              'text or none',      '',            null,         'start',       '',            'file that holds the process id'],
  ['logfile',                              'text',              '',            null,         'start',       '',            'where the log goes; empty is standard output'],
  ['loglevel',                             'one of',            'notice',      LOG_LEVELS,   'live',        '',            'how much is logged'],
  ['log-format',                           'one of',            'text',        LOG_FORMATS,  'start hidden', '',            'words as Redis writes them, or one JSON object a line (ours alone)'],
  ['syslog-enabled',                       'yes/no',            'no',          null,         'start',       '',            'log to the system log as well'],
  ['syslog-ident',                         'text',              'redis',       null,         'start',       '',            'our name in the system log'],
  ['syslog-facility',                      'one of',            'local0',      FACILITIES,   'start',       '',            'our drawer in the system log'],
  ['always-show-logo',                     'yes/no',            'no',          null,         'start',       '',            'print the banner even when the log is no terminal'],
  ['set-proc-title',                       'yes/no',            'yes',         null,         'start',       '',            'change the name that ps shows'],
  ['proc-title-template',                  'text',              TITLE,         null,         'live',        'proc-title',  'what ps shows'],
  ['databases',                            'signed',            16,            POSITIVE,     'start',       '',            'numbered databases, without cluster mode'],
  ['dir',                                  'special',           '',            null,         'live protected busy', '',            'working folder, for every file given by a bare name'],
  ['hz',                                   'signed',            10,            NATURAL,      'live',        'hz',          'how often in a second the background work runs'],
  ['dynamic-hz',                           'yes/no',            'yes',         null,         'live',        '',            'run it more often when there are many clients'],
  ['shutdown-timeout',                     'signed',            10,            NATURAL,      'live',        '',            'seconds a shutdown waits for replicas that lag'],
  ['shutdown-on-sigint',                   'some of',           'default',     SHUTDOWN,     'live',        '',            'how to shut down on SIGINT'],
  ['shutdown-on-sigterm',                  'some of',           'default',     SHUTDOWN,     'live',        '',            'how to shut down on SIGTERM'],
  ['crash-log-enabled',                    'yes/no',            'yes',         null,         'live',        'crash-log',   'write a report when the process crashes'],
  ['crash-memcheck-enabled',               'yes/no',            'yes',         null,         'live',        '',            'test the memory after a crash'],
  ['use-exit-on-panic',                    'yes/no',            'no',          null,         'live hidden', '',            'leave by exit where a panic would abort'],
  ['watchdog-period',                      'signed',            0,             NATURAL,      'live hidden', 'watchdog',    'milliseconds of a stuck event loop before it is logged'],
  ['io-threads',                           'signed',            1,             [1, 128],     'start',       '',            'threads that write to sockets'],
  ['io-threads-do-reads',                  'yes/no',            'no',          null,         'start',       '',            'let these threads read and parse too'],
  ['disable-thp',                          'yes/no',            'yes',         null,         'start',       '',            'ask the system for no transparent huge pages'],
  ['jemalloc-bg-thread',                   'yes/no',            'yes',         null,         'live',        '',            'let the allocator clean up in a thread of its own'],
  ['server_cpulist',                       'text or none',      '',            null,         'start',       '',            'CPUs of the main thread'],
  ['bio_cpulist',                          'text or none',      '',            null,         'start',       '',            'CPUs of the background threads'],
  ['aof_rewrite_cpulist',                  'text or none',      '',            null,         'start',       '',            'CPUs of an AOF rewrite'],
  ['bgsave_cpulist',                       'text or none',      '',            null,         'start',       '',            'CPUs of a background save'],
  ['oom-score-adj',                        'one of',            'no',          OOM,          'live',        'oom-score',   "tell the system's memory killer what to spare"],
  ['oom-score-adj-values',                 'special list',      '0 200 800',   null,         'live',        'oom-score',   'how much, for a primary, a replica, a background child'],
  ['ignore-warnings',                      'text',              '',            null,         'live',        '',            'warnings of the start that are known and accepted'],
  ['enable-protected-configs',             'one of',            'no',          WHO,          'start',       '',            'who may set the directives that could hurt the machine'],
  ['enable-debug-command',                 'one of',            'no',          WHO,          'start',       '',            'who may use DEBUG'],
  ['enable-module-command',                'one of',            'no',          WHO,          'start',       '',            'who may use MODULE'],

  // Memory, eviction, expiry
  ['maxmemory',                            'unsigned memory',   0,             ULONG,        'live',        'maxmemory',   'bytes of data; 0 is no limit'],
  ['maxmemory-policy',                     'one of',            'noeviction',  POLICIES,     'live',        '',            'what goes when the limit is hit'],
  ['maxmemory-samples',                    'signed',            5,             POSITIVE,     'live',        '',            'keys looked at to find the one that goes'],
  ['maxmemory-eviction-tenacity',          'signed',            10,            [0, 100],     'live',        '',            'how long one round of eviction may take'],
  ['active-expire-effort',                 'signed',            1,             [1, 10],      'live',        '',            'how much time goes into finding expired keys'],
  ['lfu-log-factor',                       'signed',            10,            NATURAL,      'live',        '',            'how slowly the frequency counter grows'],
  ['lfu-decay-time',                       'signed',            1,             NATURAL,      'live',        '',            'minutes until it shrinks by one'],
  ['lazyfree-lazy-eviction',               'yes/no',            'no',          null,         'live',        '',            'free evicted values little by little'],
  ['lazyfree-lazy-expire',                 'yes/no',            'no',          null,         'live',        '',            'the same for expired values'],
  ['lazyfree-lazy-server-del',             'yes/no',            'no',          null,         'live',        '',            'the same for values that a command overwrites'],
  ['lazyfree-lazy-user-del',               'yes/no',            'no',          null,         'live',        '',            'DEL behaves as UNLINK'],
  ['lazyfree-lazy-user-flush',             'yes/no',            'no',          null,         'live',        '',            'FLUSHALL and FLUSHDB are ASYNC unless told otherwise'],
  ['replica-lazy-flush',                   'yes/no',            'no',          null,         'live',        '',            'empty a replica little by little before a full sync'],
  ['activerehashing',                      'yes/no',            'yes',         null,         'live',        '',            'use idle time to finish the resizing of tables'],
  ['activedefrag',                         'yes/no',            'no',          null,         'live',        '',            'move values together in memory'],
  ['active-defrag-ignore-bytes',           'unsigned memory',   104_857_600,   LONG_FROM_1,  'live',        '',            'waste below which nothing is moved'],
  ['active-defrag-threshold-lower',        'signed',            10,            PER_MILLE,    'live',        '',            'per cent of waste where moving starts'],
  ['active-defrag-threshold-upper',        'signed',            100,           PER_MILLE,    'live',        '',            'per cent of waste where it goes all out'],
  ['active-defrag-cycle-min',              'signed',            1,             PER_CENT,     'live',        '',            'per cent of CPU it takes at first'],
  ['active-defrag-cycle-max',              'signed',            25,            PER_CENT,     'live',        '',            'per cent of CPU it takes at most'],
  ['active-defrag-max-scan-fields',        'signed',            1000,          LONG_FROM_1,  'live',        '',            'members above which a collection is moved in steps'],
  ['tracking-table-max-keys',              'unsigned',          1_000_000,     LONG,         'live',        '',            'keys remembered for client-side caches'],

  // How values are kept
  ['hash-max-listpack-entries',            'unsigned',          512,           LONG,         'live',        '',            'fields up to which a hash is one compact piece'],
  ['hash-max-listpack-value',              'unsigned memory',   64,            LONG,         'live',        '',            'longest field or value in it'],
  ['list-max-listpack-size',               'signed',            -2,            INT,          'live',        '',            "size of a list's nodes: bytes below 0, elements above"],
  ['list-compress-depth',                  'signed',            0,             NATURAL,      'live',        '',            'list nodes at either end that stay uncompressed'],
  ['set-max-intset-entries',               'unsigned',          512,           LONG,         'live',        '',            'integers up to which a set is a sorted array'],
  ['zset-max-listpack-entries',            'unsigned',          128,           LONG,         'live',        '',            'members up to which a sorted set is one compact piece'],
  ['zset-max-listpack-value',              'unsigned memory',   64,            LONG,         'live',        '',            'longest member in it'],
  ['hll-sparse-max-bytes',                 'unsigned memory',   3000,          LONG,         'live',        '',            'size up to which a HyperLogLog stays sparse'],
  ['stream-node-max-bytes',                'unsigned memory',   4096,          LONG,         'live',        '',            'bytes in a node of a stream'],
  ['stream-node-max-entries',              'signed',            100,           LONG,         'live',        '',            'entries in a node of a stream'],

  // Cluster
  ['cluster-enabled',                      'yes/no',            'no',          null,         'start',       '',            'be a node of a cluster'],
  ['cluster-config-file',                  'text',              'nodes.conf',  null,         'start',       '',            'where the cluster is remembered'],
  ['cluster-node-timeout',                 'signed',            15_000,        LONG,         'live',        '',            'milliseconds of silence until a node is suspected; elections follow from it'],
  ['cluster-port',                         'signed',            0,             PORT,         'start',       '',            'the bus port; 0 is the client port plus 10000'],
  ['cluster-announce-ip',                  'text or none',      '',            null,         'live',        'cluster-ip',  'the address we tell others'],
  ['cluster-announce-port',                'signed',            0,             PORT,         'live',        'cluster-ports', 'the client port we tell others'],
  ['cluster-announce-tls-port',            'signed',            0,             PORT,         'live',        'cluster-ports', 'the TLS port we tell others'],
  ['cluster-announce-bus-port',            'signed',            0,             PORT,         'live',        'cluster-ports', 'the bus port we tell others'],
  ['cluster-announce-hostname',            'text or none',      '',            null,         'live',        'cluster-hostname', 'the host name we tell others'],
  ['cluster-preferred-endpoint-type',      'one of',            'ip',          ENDPOINTS,    'live',        '',            'what clients are redirected to'],
  ['cluster-require-full-coverage',        'yes/no',            'yes',         null,         'live',        '',            'refuse all while slots are missing'],
  ['cluster-allow-reads-when-down',        'yes/no',            'no',          null,         'live',        '',            'serve reads while the cluster is down'],
  ['cluster-allow-pubsubshard-when-down',  'yes/no',            'yes',         null,         'live',        '',            'serve sharded pub/sub while the cluster is down'],
  ['cluster-replica-validity-factor',      'signed',            10,            NATURAL,      'live',        '',            'how old the data of a candidate may be'],
  ['cluster-replica-no-failover',          'yes/no',            'no',          null,         'live',        'cluster-flags', 'never stand for election'],
  ['cluster-migration-barrier',            'signed',            1,             NATURAL,      'live',        '',            'replicas a primary keeps before it lends one'],
  ['cluster-allow-replica-migration',      'yes/no',            'yes',         null,         'live',        '',            'let replicas move to orphaned primaries'],
  ['cluster-link-sendbuf-limit',           'unsigned memory',   0,             ULONG,        'live',        '',            'unsent bytes after which a bus link is dropped; 0 is no limit'],

  // Replication
  ['replicaof',                            'special list',      '',            null,         'start',       '',            'the primary to copy'],
  ['masterauth',                           'bytes or none',     '',            null,         'live secret', '',            'our password at the primary'],
  ['masteruser',                           'text or none',      '',            null,         'live secret', '',            'our user name at the primary'],
  ['replica-serve-stale-data',             'yes/no',            'yes',         null,         'live',        '',            'answer while the link to the primary is down'],
  ['replica-read-only',                    'yes/no',            'yes',         null,         'live',        '',            'refuse writes on a replica'],
  ['replica-priority',                     'signed',            100,           NATURAL,      'live',        '',            'how gladly Sentinel promotes this replica'],
  ['replica-announced',                    'yes/no',            'yes',         null,         'live',        '',            'let Sentinel name this replica'],
  ['replica-announce-ip',                  'text or none',      '',            null,         'live',        '',            'the address a replica tells its primary'],
  ['replica-announce-port',                'signed',            0,             PORT,         'live',        '',            'the port a replica tells its primary'],
  ['replica-ignore-maxmemory',             'yes/no',            'yes',         null,         'live',        '',            'leave eviction to the primary'],
  ['replica-ignore-disk-write-errors',     'yes/no',            'no',          null,         'live',        '',            'take writes of the primary though our disk fails'],
  ['repl-diskless-sync',                   'yes/no',            'yes',         null,         'live',        '',            'send the snapshot over the socket, without a file'],
  ['repl-diskless-sync-delay',             'signed',            5,             NATURAL,      'live',        '',            'seconds to wait for more replicas before that'],
  ['repl-diskless-sync-max-replicas',      'signed',            0,             NATURAL,      'live',        '',            'replicas after which waiting ends early'],
  ['repl-diskless-load',                   'one of',            'disabled',    DISKLESS,     'live busy', '',            'read a snapshot straight from the socket'],
  ['repl-disable-tcp-nodelay',             'yes/no',            'no',          null,         'live',        '',            'fewer, larger packets to replicas'],
  ['repl-ping-replica-period',             'signed',            10,            POSITIVE,     'live',        '',            'seconds between pings to replicas'],
  ['repl-timeout',                         'signed',            60,            POSITIVE,     'live',        '',            'seconds of silence until a replication link is given up'],
  ['repl-backlog-size',                    'signed memory',     1_048_576,     LONG_FROM_1,  'live',        'repl-backlog', 'bytes of the command stream kept for replicas that were gone'],
  ['repl-backlog-ttl',                     'signed',            3600,          LONG,         'live',        '',            'seconds the backlog outlives the last replica'],
  ['rdb-del-sync-files',                   'yes/no',            'no',          null,         'live',        '',            'remove snapshots that only replication needed'],
  ['min-replicas-to-write',                'signed',            0,             NATURAL,      'live',        'good-replicas', 'replicas that must keep up, or writes are refused'],
  ['min-replicas-max-lag',                 'signed',            10,            NATURAL,      'live',        'good-replicas', 'seconds of lag that still count as keeping up'],
  ['propagation-error-behavior',           'one of',            'ignore',      PROPAGATION,  'live',        '',            'what to do when a replicated command fails'],

  // Persistence
  ['save',                                 'special list',      SAVES,         null,         'live',        '',            'seconds and changes after which a snapshot is taken'],
  ['dbfilename',                           'text',              'dump.rdb',    null,         'live protected', '',            'name of the snapshot'],
  ['rdbcompression',                       'yes/no',            'yes',         null,         'live',        '',            'compress strings in it'],
  ['rdbchecksum',                          'yes/no',            'yes',         null,         'start',       '',            'end it with a checksum'],
  ['rdb-save-incremental-fsync',           'yes/no',            'yes',         null,         'live',        '',            'sync while writing it'],
  ['stop-writes-on-bgsave-error',          'yes/no',            'yes',         null,         'live',        '',            'refuse writes when the last snapshot failed'],
  ['sanitize-dump-payload',                'one of',            'no',          SANITIZE,     'live',        '',            'check what RESTORE and snapshots bring'],
  ['appendonly',                           'yes/no',            'no',          null,         'live busy', 'appendonly',  'log every write'],
  ['appendfilename',                       'text',              'appendonly.aof', null,         'start',       '',            "base of the log's file names"],
  ['appenddirname',                        'text',              'appendonlydir', null,         'start',       '',            'folder of the log'],
  ['appendfsync',                          'one of',            'everysec',    FSYNCS,       'live',        '',            'when the log is synced'],
  ['no-appendfsync-on-rewrite',            'yes/no',            'no',          null,         'live',        '',            'no sync while a rewrite or snapshot runs'],
  ['auto-aof-rewrite-percentage',          'signed',            100,           NATURAL,      'live',        '',            'growth after which the log is rewritten'],
  ['auto-aof-rewrite-min-size',            'signed memory',     67_108_864,    LONG,         'live',        '',            'size below which it is not'],
  ['aof-load-truncated',                   'yes/no',            'yes',         null,         'live',        '',            'accept a log whose end is cut off'],
  ['aof-use-rdb-preamble',                 'yes/no',            'yes',         null,         'live',        '',            'begin a rewritten log with a snapshot'],
  ['aof-rewrite-incremental-fsync',        'yes/no',            'yes',         null,         'live',        '',            'sync while rewriting'],
  ['aof-timestamp-enabled',                'yes/no',            'no',          null,         'live',        '',            'note times in the log'],
  ['aof-disable-auto-gc',                  'yes/no',            'no',          null,         'live',        'aof-gc',      'keep log files that are no longer needed'],
  ['loading-process-events-interval-bytes', 'signed',            2_097_152,     [1024, INT_MAX], 'live hidden', '',            'bytes loaded between two looks at the sockets'],
  ['key-load-delay',                       'signed',            0,             INT,          'live hidden', '',            'microseconds to wait at each key loaded, for tests'],
  ['rdb-key-save-delay',                   'signed',            0,             INT,          'live hidden', '',            'microseconds to wait at each key saved, for tests'],

  // Access, watching, scripts
  ['aclfile',                              'text',              '',            null,         'start',       '',            'file of users'],
  ['acllog-max-len',                       'signed',            128,           LONG,         'live',        '',            'entries of ACL LOG'],
  ['acl-pubsub-default',                   'one of',            'resetchannels', CHANNELS,     'live',        '',            'channels a new user may use'],
  ['slowlog-log-slower-than',              'signed',            10_000,        [-1, LONG_MAX], 'live',        '',            'microseconds that make a command slow; below 0 none is'],
  ['slowlog-max-len',                      'signed',            128,           LONG,         'live',        '',            'slow commands remembered'],
  ['latency-monitor-threshold',            'signed',            0,             LONG,         'live',        '',            'milliseconds that make an event worth noting; 0 is off'],
  ['latency-tracking',                     'yes/no',            'yes',         null,         'live',        '',            'keep a histogram per command'],
  ['latency-tracking-info-percentiles',    'special list',      '50 99 99.9',  null,         'live',        '',            'which of its percentiles INFO shows'],
  ['notify-keyspace-events',               'special',           '',            null,         'live',        '',            'events that are published'],
  ['busy-reply-threshold',                 'signed',            5000,          LONG,         'live',        '',            'milliseconds after which a script lets others see BUSY'],
  ['lua-enable-deprecated-api',            'yes/no',            'no',          null,         'start hidden', '',            'keep old names in the script environment'],

  // TLS
  ['tls-port',                             'signed',            0,             PORT,         'live',        'tls-port',    'the TLS port of clients; 0 listens on none'],
  ['tls-cluster',                          'yes/no',            'no',          null,         'live',        'tls',         'TLS on the bus'],
  ['tls-replication',                      'yes/no',            'no',          null,         'live',        'tls',         'TLS to the primary'],
  ['tls-auth-clients',                     'one of',            'yes',         ASK,          'live',        '',            'ask clients for a certificate'],
  ['tls-cert-file',                        'text or none',      '',            null,         'live again'  , 'tls',         'our certificate'],
  ['tls-key-file',                         'text or none',      '',            null,         'live again'  , 'tls',         'its key'],
  ['tls-key-file-pass',                    'text or none',      '',            null,         'live',        'tls',         'password of that key'],
  ['tls-client-cert-file',                 'text or none',      '',            null,         'live again'  , 'tls',         'certificate for outgoing connections'],
  ['tls-client-key-file',                  'text or none',      '',            null,         'live again'  , 'tls',         'its key'],
  ['tls-client-key-file-pass',             'text or none',      '',            null,         'live',        'tls',         'password of that key'],
  ['tls-dh-params-file',                   'text or none',      '',            null,         'live again'  , 'tls',         'Diffie-Hellman parameters'],
  ['tls-ca-cert-file',                     'text or none',      '',            null,         'live again'  , 'tls',         'authorities we trust, as a file'],
  ['tls-ca-cert-dir',                      'text or none',      '',            null,         'live again'  , 'tls',         'authorities we trust, as a folder'],
  ['tls-protocols',                        'text or none',      '',            null,         'live',        'tls',         'versions allowed'],
  ['tls-ciphers',                          'text or none',      '',            null,         'live',        'tls',         'ciphers up to TLS 1.2'],
  ['tls-ciphersuites',                     'text or none',      '',            null,         'live',        'tls',         'ciphers of TLS 1.3'],
  ['tls-prefer-server-ciphers',            'yes/no',            'no',          null,         'live',        'tls',         'our order of ciphers counts'],
  ['tls-session-caching',                  'yes/no',            'yes',         null,         'live',        'tls',         'let clients resume sessions'],
  ['tls-session-cache-size',               'signed',            20_480,        NATURAL,      'live',        'tls',         'sessions remembered'],
  ['tls-session-cache-timeout',            'signed',            300,           NATURAL,      'live',        'tls',         'seconds they are remembered'],
] as const satisfies readonly DirectiveRow[];

/** Names of old, which are good everywhere a name is: CONFIG GET lists them, CONFIG REWRITE replaces them. */
// biome-ignore format: a table
export const ALIASES = [
  // old name                         name
  ['slave-lazy-flush',                'replica-lazy-flush'],
  ['hash-max-ziplist-entries',        'hash-max-listpack-entries'],
  ['hash-max-ziplist-value',          'hash-max-listpack-value'],
  ['list-max-ziplist-size',           'list-max-listpack-size'],
  ['zset-max-ziplist-entries',        'zset-max-listpack-entries'],
  ['zset-max-ziplist-value',          'zset-max-listpack-value'],
  ['cluster-slave-validity-factor',   'cluster-replica-validity-factor'],
  ['cluster-slave-no-failover',       'cluster-replica-no-failover'],
  ['slaveof',                         'replicaof'],
  ['slave-serve-stale-data',          'replica-serve-stale-data'],
  ['slave-read-only',                 'replica-read-only'],
  ['slave-priority',                  'replica-priority'],
  ['slave-announce-ip',               'replica-announce-ip'],
  ['slave-announce-port',             'replica-announce-port'],
  ['slave-ignore-maxmemory',          'replica-ignore-maxmemory'],
  ['repl-ping-slave-period',          'repl-ping-replica-period'],
  ['min-slaves-to-write',             'min-replicas-to-write'],
  ['min-slaves-max-lag',              'min-replicas-max-lag'],
  ['lua-time-limit',                  'busy-reply-threshold'],
] as const;
