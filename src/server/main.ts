/**
 * `sextet-server`: argv → configuration → node → sockets.
 *
 *   command line ▸ folder ▸ log ▸ cluster's file ▸ listeners ▸ "Ready to accept connections"
 */
import { Node } from '../node/node.js';
import type { Config } from '../node/config.js';
import { parseCommandLine } from '../node/config/command-line.js';
import { procTitle } from '../node/config/proc-title.js';
import { startRefusal, unservedWarnings } from '../node/config/unserved.js';
import { realConfigWorld } from './config-world.js';
import { listenOn, listenOnPath } from './listeners.js';
import { Log } from './logger.js';
import { RealHost } from './real-host.js';
import { createServer } from './sockets.js';

const VERSION = '7.0.15';
const TITLE = 'sextet-server';

async function start(): Promise<void> {
  const line = parseCommandLine(
    process.argv.slice(2),
    realConfigWorld(() => true),
  );
  if (!line.ok) return fail(line.stderr, line.log);
  if (!line.run) {
    process.stdout.write(line.print);
    return;
  }
  const { config, notes } = line;
  const log = new Log({ path: config.logfile, level: config.loglevel, format: config.logFormat, role: () => 'M' });
  const refusal = startRefusal(config);
  if (refusal !== null) return fail('', refusal);
  for (const note of notes) log.log('warning', note);
  sayHello(config, log);
  const node = new Node(new RealHost(log, config.file ?? ''), config);
  process.title = procTitle(config, TITLE);
  if (!(await openClientPorts(node, config, log))) return process.exit(1);
  for (const warning of unservedWarnings(config)) log.log('warning', warning);
  log.log('warning', 'Server initialized');
  node.start();
  log.log('notice', 'Ready to accept connections');
}

function sayHello(config: Config, log: Log): void {
  log.log('warning', 'oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo');
  log.log(
    'warning',
    `Redis version=${VERSION}, bits=64, commit=00000000, modified=0, pid=${process.pid}, just started`,
  );
  if (config.file === null)
    log.log(
      'warning',
      `Warning: no config file specified, using the default config. In order to specify a config file use ${TITLE} /path/to/redis.conf`,
    );
  else log.log('warning', 'Configuration loaded');
}

async function openClientPorts(node: Node, config: Config, log: Log): Promise<boolean> {
  const reception = {
    shared: node.intake.shared,
    accept: node.accept.bind(node),
    received: node.received.bind(node),
    ended: node.ended.bind(node),
    gone: node.gone.bind(node),
  };
  const note = (text: string): void => log.log('warning', text);
  const keepAlive = (): number => config.tcpKeepalive;
  if (config.port !== 0) {
    const make = () => createServer(reception, keepAlive, '');
    const listening = await listenOn(config.bind, config.port, config.tcpBacklog, make, note);
    if (!listening.ok) {
      note(listening.line);
      return false;
    }
  }
  if (config.unixsocket === '') return true;
  const listening = await listenOnPath(config, createServer(reception, keepAlive, config.unixsocket), note);
  if (!listening.ok) note(listening.line);
  return listening.ok;
}

function fail(stderr: string, log: string): void {
  process.stderr.write(stderr);
  if (log !== '') process.stdout.write(`${log}\n`);
  process.exitCode = 1;
}

process.on('SIGINT', () => process.exit(0));
process.on('SIGTERM', () => process.exit(0));
void start();
