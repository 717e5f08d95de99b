/**
 * Going to the background, and the file that says under which pid.
 *
 * Node cannot fork: the server is started again as a process of its own that no terminal holds, and this one ends. The
 * new one knows by its environment that it is in the background already.
 */
import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import type { Config } from '../node/config.js';
import type { Log } from './logger.js';

const MARK = 'SEXTET_IN_BACKGROUND';
const DEFAULT_PID_FILE = '/var/run/redis.pid';

/** True where this process has started another one and is to end. */
export function wentToBackground(config: Config): boolean {
  if (!config.daemonize || process.env[MARK] === '1') return false;
  const [, script = '', ...args] = process.argv;
  const child = spawn(process.execPath, [...process.execArgv, script, ...args], {
    cwd: START_FOLDER,
    detached: true,
    stdio: 'ignore',
    env: { ...process.env, [MARK]: '1' },
  });
  child.unref();
  return true;
}

/** `dir` may have moved us since: relative paths of the command line count from here. */
const START_FOLDER = process.cwd();

/** Written where a pid file is named, and for every server in the background. */
export function writePidFile(config: Config): void {
  const path = pidFileOf(config);
  if (path === '') return;
  try {
    writeFileSync(path, `${process.pid}\n`);
  } catch {
    return; // as in Redis: a folder that is not writable does not keep the server from starting
  }
  process.on('exit', () => rmSync(path, { force: true }));
}

/** At the end of a server that ends as it should. */
export function removePidFile(config: Config, log: Log): void {
  const path = pidFileOf(config);
  if (path === '') return;
  log.log('notice', 'Removing the pid file.');
  rmSync(path, { force: true });
}

function pidFileOf(config: Config): string {
  return config.pidfile || (config.daemonize ? DEFAULT_PID_FILE : '');
}
