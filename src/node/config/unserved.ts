/**
 * Directives that are understood and kept, and whose feature this server has not yet: one line each for the log at the
 * start and where CONFIG SET sets one, so that nobody relies on what is not there. A row goes when its feature comes.
 */
import type { Config } from '../config.js';

type Row = readonly [name: string, isSet: (config: Config) => boolean, effect: string];

// biome-ignore format: a table
const UNSERVED: readonly Row[] = [
  ['tls-port',              (c) => c.tlsPort !== 0,              'no TLS port is opened'],
  ['tls-cluster',           (c) => c.tlsCluster,                 'the bus is not encrypted'],
  ['tls-replication',       (c) => c.tlsReplication,             'replication is not encrypted'],
  ['aclfile',               (c) => c.aclfile !== '',             'no users are loaded'],
  ['user',                  (c) => c.users.length > 0,           'the users of the configuration file do not exist'],
  ['list-compress-depth',   (c) => c.listCompressDepth > 0,      'lists are not compressed'],
  ['io-threads',            (c) => c.ioThreads > 1,              'there is one thread'],
  ['supervised',            (c) => c.supervised !== 'no',        'no supervisor is told of the start'],
  ['server_cpulist',        (c) => c.serverCpulist !== '',       'the process runs on any CPU'],
  ['socket-mark-id',        (c) => c.socketMarkId !== 0,         'sockets are not marked'],
];

/** One line per directive that is set to something we do not do yet. */
export function unservedWarnings(config: Config): string[] {
  return UNSERVED.filter(([, isSet]) => isSet(config)).map(
    ([name, , effect]) => `WARNING: '${name}' is set but not yet served by this version: ${effect}.`,
  );
}

/** Why the server must not start at all: modules it cannot load. */
export function startRefusal(config: Config): string | null {
  const [module] = config.modules;
  if (module !== undefined) return `Can't load module from ${module[0]}: server aborting`;
  if (config.moduleSettings.length === 0) return null;
  return 'Module Configuration detected without loadmodule directive or no ApplyConfig call: aborting';
}
