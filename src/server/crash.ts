/**
 * The end of a server that no longer knows its own state: a report in redis' frame, then exit 1.
 *
 * A half-applied, unreplicated write is worse than a failover, which a cluster is built for. SIGABRT asks for one.
 */
import type { Log } from './logger.js';

/** `lastDeed`: what can still be saved, is. */
export function reportCrashes(log: Log, lastDeed: () => void): (error: unknown) => never {
  const die = (error: unknown): never => {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    log.log('warning', '=== REDIS BUG REPORT START: Cut & paste starting from here ===');
    for (const line of stack.split('\n')) log.log('warning', line.trimEnd());
    log.log('warning', `node ${process.version}, ${process.platform}, up for ${Math.floor(process.uptime())} s`);
    log.log('warning', '=== REDIS BUG REPORT END. Please keep it with what led to it. ===');
    try {
      lastDeed();
    } catch (further) {
      log.log('warning', `At the end: ${String(further)}`);
    }
    process.exit(1);
  };
  process.on('uncaughtException', die);
  process.on('unhandledRejection', die);
  process.on('SIGABRT', () => die(new Error('crashed by signal: 6')));
  return die;
}
