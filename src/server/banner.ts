/**
 * The first lines of a log: who starts, with what, and where.
 *
 * The picture is shown on a terminal, or always with `always-show-logo yes`. Tools wait for its ` PID: n`.
 */
import type { Config } from '../node/config.js';
import type { Log } from './logger.js';

export const VERSION = '7.0.15';
export const TITLE = 'sextet-server';

export function sayHello(argumentCount: number, log: Log): void {
  log.log('warning', 'oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo');
  log.log(
    'warning',
    `Redis version=${VERSION}, bits=64, commit=00000000, modified=0, pid=${process.pid}, just started`,
  );
  log.log('warning', argumentCount > 0 ? 'Configuration loaded' : noFile());
}

function noFile(): string {
  return `Warning: no config file specified, using the default config. In order to specify a config file use ${TITLE} /path/to/redis.conf`;
}

/** The picture, or one line in its place. */
export function showLogo(config: Config, log: Log): void {
  const mode = config.clusterEnabled ? 'cluster' : 'standalone';
  const onTerminal = config.logfile === '' && !config.syslogEnabled && process.stdout.isTTY;
  if (config.alwaysShowLogo || onTerminal) log.raw(picture(mode, config.port));
  else log.log('notice', `Running mode=${mode}, port=${config.port}.`);
}

function picture(mode: string, port: number): string {
  return `
          o-----------o
         / \\         / \\        sextet, as Redis ${VERSION} (00000000/0) 64 bit
        /   \\       /   \\
       /     \\     /     \\      Running in ${mode} mode
      o-------o---o-------o     Port: ${port}
       \\     /     \\     /      PID: ${process.pid}
        \\   /       \\   /
         \\ /         \\ /
          o-----------o

`;
}
