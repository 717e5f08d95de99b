/**
 * Directives that are understood and kept, and whose feature this server has not yet: one line each for the log at the
 * start, so that nobody relies on what is not there. A row goes when its feature comes.
 */
import type { Config } from '../config.js';

interface Unserved {
  readonly name: string;
  readonly isSet: (config: Config) => boolean;
  readonly effect: string;
}

// biome-ignore format: a table
const UNSERVED: readonly Unserved[] = [
  { name: 'appendonly',             isSet: (c) => c.appendonly,                 effect: 'writes are not logged, and are lost at exit' },
  { name: 'save',                   isSet: (c) => c.save.length > 0,            effect: 'no snapshots are taken, and data is lost at exit' },
  { name: 'replicaof',              isSet: (c) => c.replicaof !== null,         effect: 'no data is copied from another server' },
  { name: 'tls-port',               isSet: (c) => c.tlsPort !== 0,              effect: 'no TLS port is opened' },
  { name: 'tls-cluster',            isSet: (c) => c.tlsCluster,                 effect: 'the bus is not encrypted' },
  { name: 'tls-replication',        isSet: (c) => c.tlsReplication,             effect: 'replication is not encrypted' },
  { name: 'aclfile',                isSet: (c) => c.aclfile !== '',             effect: 'no users are loaded' },
  { name: 'user',                   isSet: (c) => c.users.length > 0,           effect: 'the users of the configuration file do not exist' },
  { name: 'rename-command',         isSet: (c) => c.renamedCommands.length > 0, effect: 'commands keep their names, and none is disabled' },
  { name: 'min-replicas-to-write',  isSet: (c) => c.minReplicasToWrite > 0,     effect: 'writes do not wait for replicas' },
  { name: 'maxmemory-clients',      isSet: (c) => c.maxmemoryClients !== 0,     effect: 'no client is closed for the memory of all' },
  { name: 'io-threads',             isSet: (c) => c.ioThreads > 1,              effect: 'there is one thread' },
  { name: 'supervised',             isSet: (c) => c.supervised !== 'no',        effect: 'no supervisor is told of the start' },
  { name: 'oom-score-adj',          isSet: (c) => c.oomScoreAdj !== 'no',       effect: "the system's choice is not influenced" },
  { name: 'server_cpulist',         isSet: (c) => c.serverCpulist !== '',       effect: 'the process runs on any CPU' },
  { name: 'socket-mark-id',         isSet: (c) => c.socketMarkId !== 0,         effect: 'sockets are not marked' },
];

/** One line per directive that is set to something we do not do yet. */
export function unservedWarnings(config: Config): string[] {
  return UNSERVED.filter((row) => row.isSet(config)).map(
    ({ name, effect }) => `WARNING: '${name}' is set but not yet served by this version: ${effect}.`,
  );
}

/** Why the server must not start at all: modules it cannot load. */
export function startRefusal(config: Config): string | null {
  const [module] = config.modules;
  if (module !== undefined) return `Can't load module from ${module[0]}: server aborting`;
  if (config.moduleSettings.length === 0) return null;
  return 'Module Configuration detected without loadmodule directive or no ApplyConfig call: aborting';
}
