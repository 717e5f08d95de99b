/**
 * What stands behind `sextet-server`: a file, options, both or nothing, as redis-server takes them.
 *
 *   sextet-server /path/redis.conf --port 7001 --bind 127.0.0.1 ::1 --save "" -
 *                 └ the file       └ becomes lines behind the file's own      └ and standard input in between
 *
 * An option is a word that begins with --, unless the option before it still waits for its first value: so `--port
 * --bind` gives port the value "--bind", and fails. Only `--save` may go without one, which means no snapshots.
 */
import { Config } from '../config.js';
import { ConfigLoader, type LoadFailure, trim } from './load.js';
import { byteString, quote, splitArguments } from './setting.js';
import type { ConfigWorld } from './world.js';

/** `notes` are warnings for the log, to be written when it is open. */
export type CommandLine =
  | { ok: true; run: true; config: Config; notes: readonly string[] }
  | { ok: true; run: false; print: string }
  | (LoadFailure & { notes: readonly string[] });

/** Tools look for `v=`, `malloc=` and `bits=` in this line. */
const VERSION = 'Redis server v=7.0.15 sha=00000000:0 malloc=libc bits=64 build=0\n';

const USAGE = `Usage: sextet-server [/path/to/redis.conf] [options] [-]
       sextet-server - (read config from stdin)
       sextet-server -v or --version
       sextet-server -h or --help

Examples:
       sextet-server (run the server with default conf)
       echo 'maxmemory 128mb' | sextet-server -
       sextet-server /etc/redis/6379.conf
       sextet-server --port 7777
       sextet-server --port 7777 --replicaof 127.0.0.1 8888
       sextet-server /etc/myredis.conf --loglevel verbose -
       sextet-server /etc/myredis.conf --loglevel verbose
`;

/** Modes of redis-server that this server has not. */
const NOT_HERE = ['--sentinel', '--test-memory', '--check-system'];

/** `argv` without the program: what the process was given, as JavaScript text. */
export function parseCommandLine(argv: readonly string[], world: ConfigWorld): CommandLine {
  const [first] = argv;
  if (first === '-v' || first === '--version') return { ok: true, run: false, print: VERSION };
  if (first === '-h' || first === '--help') return { ok: false, stderr: USAGE, log: '', notes: [] };
  const missing = NOT_HERE.find((mode) => argv.includes(mode));
  if (missing !== undefined)
    return { ok: false, stderr: `sextet-server has no ${missing} mode.\n`, log: '', notes: [] };
  const config = new Config(world);
  const loader = new ConfigLoader(config, world);
  if (first === undefined) return { ok: true, run: true, config, notes: [] };
  if (!first.startsWith('-')) config.file = absolutePath(first, world.folder());
  const lines = new OptionLines();
  lines.addAll(argv.slice(config.file === null ? 0 : 1), config.file === null);
  const failure = loader.load(config.file, lines.standardInput, lines.text);
  const { notes } = loader;
  return failure === null ? { ok: true, run: true, config, notes } : { ...failure, notes };
}

/** Options on their way to become the text of a file. */
class OptionLines {
  text = '';
  standardInput = false;
  private waitsForValue = false;

  addAll(words: readonly string[], fromTheFirst: boolean): void {
    for (const [i, word] of words.entries()) {
      const isLast = i === words.length - 1;
      if (word === '-' && (isLast || (i === 0 && fromTheFirst))) this.standardInput = true;
      else if (!this.waitsForValue && word.startsWith('--')) this.addName(byteString(word), words[i + 1]);
      else this.addValue(byteString(word));
    }
  }

  private addName(word: string, next: string | undefined): void {
    if (this.text !== '') this.text += '\n';
    this.text += `${word.slice(2)} `;
    this.waitsForValue = splitArguments(word)?.length === 1; // "--port 6380" may be one word
    if (!this.waitsForValue || word.toLowerCase() !== '--save') return;
    if (next !== undefined && !next.startsWith('--')) return;
    this.text += '""';
    this.waitsForValue = next === undefined;
  }

  private addValue(word: string): void {
    this.text += `${quote(word)} `;
    this.waitsForValue = false;
  }
}

/** As Redis resolves a path: blanks around it go, and only `../` at the beginning is worked out. */
export function absolutePath(path: string, folder: string): string {
  let relative = trim(path);
  if (relative.startsWith('/') || relative[1] === ':') return relative; // C:\\redis.conf on Windows
  let base = folder.endsWith('/') ? folder : `${folder}/`;
  while (relative.startsWith('../')) {
    relative = relative.slice(3);
    if (base.length > 1) base = base.slice(0, base.lastIndexOf('/', base.length - 2) + 1);
  }
  return base + relative;
}
