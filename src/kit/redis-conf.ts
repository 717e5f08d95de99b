/**
 * The redis.conf of a node of ours, as text in and out. Written once, when the cluster is made; afterwards the file is
 * the user's and the server's (CONFIG REWRITE), and only the directives that someone gives are replaced in it.
 *
 * It holds nothing but what makes the node a cluster node on this machine, so that it also serves as an example, and
 * no path: the node runs in its folder.
 */
import { Trouble } from './trouble.js';

/** A directive and the rest of its line, as it stands in the file. */
export type Setting = readonly [name: string, value: string];

// biome-ignore format: a table
const LOCAL_CLUSTER: readonly Setting[] = [
  ['bind', '127.0.0.1 -::1'],               // for this machine only
  ['cluster-enabled', 'yes'],
  ['cluster-config-file', 'nodes.conf'],
  ['cluster-node-timeout', '5000'],         // as in the tutorials; a failover then takes about six seconds
  ['repl-diskless-sync-delay', '0'],        // nobody else is going to ask for the same snapshot
];

export function newConfig(port: number, settings: readonly Setting[]): string {
  const head = '# Written by "sextet up" when this cluster was made. Changes made here stay.\n';
  return withSettings(`${head}port ${port}\n${LOCAL_CLUSTER.map(lineOf).join('')}`, settings);
}

/** The settings in place of all lines of the same directives, at the end of the file. */
export function withSettings(config: string, settings: readonly Setting[]): string {
  const replaced = new Set(settings.map(([name]) => name));
  const kept = config.split('\n').filter((line) => !replaced.has(nameIn(line)));
  while (kept.at(-1) === '') kept.pop();
  return `${kept.join('\n')}\n${settings.map(lineOf).join('')}`;
}

/** The value of a directive's last line, without quotes; null where the file has no such line. */
export function valueIn(config: string, name: string): string | null {
  const line = config
    .split('\n')
    .filter((one) => nameIn(one) === name)
    .at(-1);
  if (line === undefined) return null;
  return line
    .trim()
    .slice(name.length)
    .trim()
    .replace(/^"(.*)"$|^'(.*)'$/, '$1$2');
}

/** `maxmemory=64mb` as people type it. The value is the rest of the line in redis.conf, quotes and all. */
export function parseSetting(text: string): Setting {
  const at = text.indexOf('=');
  const name = text.slice(0, Math.max(at, 0)).trim().toLowerCase();
  if (!/^[a-z][a-z0-9-]*$/.test(name)) throw new Trouble(`--config takes name=value, not "${text}"`);
  const value = text.slice(at + 1).trim();
  if (/[\r\n]/.test(value)) throw new Trouble(`--config ${name} holds a line end`);
  if (OURS.has(name)) throw new Trouble(`--config ${name} is set by "sextet up" itself${OURS.get(name)}`);
  return [name, value];
}

const OURS = new Map([
  ['port', ': use --port'],
  ['dir', ': use --dir'],
  ['cluster-enabled', ''],
  ['cluster-config-file', ''],
  ['daemonize', ': use --detach'],
]);

/**
 * Where a password is asked for and none is given to replicas, they never sync and nothing ever fails over, while all
 * looks well. Nobody wants that, so the one password serves both.
 */
export function withReplicaPassword(settings: readonly Setting[]): readonly Setting[] {
  const password = settings.findLast(([name]) => name === 'requirepass');
  if (!password || settings.some(([name]) => name === 'masterauth')) return settings;
  return [...settings, ['masterauth', password[1]]];
}

function lineOf([name, value]: Setting): string {
  return `${name} ${value === '' ? '""' : value}\n`;
}

function nameIn(line: string): string {
  const trimmed = line.trim();
  const end = trimmed.search(/\s/);
  return (end === -1 ? trimmed : trimmed.slice(0, end)).toLowerCase();
}
