/**
 * `sextet check-aof FILE`: what stands in an append-only file, or in all files of a manifest, and the first damage.
 *
 *   sextet check-aof appendonlydir/appendonly.aof.manifest
 *   sextet check-aof --fix FILE                             asks, then cuts the last file behind its sound part
 *   sextet check-aof --truncate-to-timestamp SECONDS FILE   cuts what was written later (aof-timestamp-enabled)
 *
 * Lines, words and exit codes are those of redis-check-aof: 0 sound, empty or mended, 1 anything else. A base in RDB
 * form is looked through as by check-rdb. At the end stands a table of the commands that were found.
 */
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import {
  AofFile,
  cutFile,
  describeTrouble,
  kindOfFile,
  type Manifest,
  type ManifestPart,
  readManifest,
  sizeOf,
} from '../../kit/aof-file.js';
import { type Told, UsageError } from '../arguments.js';
import { sayRdb } from '../check-rdb.js';
import { fileOf, walk } from '../file-walk.js';
import { printable } from '../key-text.js';
import type { Terminal } from '../terminal.js';
import { AofTally } from './aof-tally.js';
import { describeDamage } from './aof-words.js';

/** Asks, and gives the line that is typed; nothing where nobody types. */
type Ask = (question: string) => Promise<string>;

/** What became of a file; `failed` has said why, if there is anybody to be told. */
type Verdict = 'sound' | 'empty' | 'cut' | 'cut-to-timestamp' | 'failed';

interface Part {
  /** As it is called in what is said, and where it lies. */
  readonly name: string;
  readonly path: string;
  readonly isLast: boolean;
}

export function runCheckAof(told: Told, terminal: Terminal): Promise<number> {
  return checkAof(told, terminal, askAtTerminal);
}

export async function checkAof(told: Told, terminal: Terminal, ask: Ask): Promise<number> {
  const path = fileOf(told);
  if (told.fix && told.until !== null) throw new UsageError('either --fix or --truncate-to-timestamp');
  const check = new Check(terminal, ask, told.fix, told.until);
  const isSound = kindOfFile(path) === 'manifest' ? await check.manifest(path) : await check.oldStyle(path);
  const table = check.tally.table(terminal);
  if (table !== null) terminal.say(`\n${table}`);
  return isSound ? 0 : 1;
}

async function askAtTerminal(question: string): Promise<string> {
  process.stdout.write(question);
  const lines = createInterface({ input: process.stdin });
  for await (const line of lines) return line;
  return '';
}

/** A timestamp that goes too far, and where its annotation begins. */
interface Cut {
  readonly at: number;
  readonly why: 'later' | 'unreadable';
}

class Check {
  readonly tally = new AofTally();

  constructor(
    private readonly terminal: Terminal,
    private readonly ask: Ask,
    private readonly fixes: boolean,
    /** Nothing later than this moment, in seconds, is kept. */
    private readonly until: number | null,
  ) {}

  private say(text: string): void {
    this.terminal.say(printable(text));
  }

  async manifest(path: string): Promise<boolean> {
    this.say('Start checking Multi Part AOF');
    const found = readManifest(path);
    if (!found.ok) {
      for (const line of describeTrouble(found.trouble)) this.terminal.say(line.split('\n').map(printable).join('\n'));
      return false;
    }
    if (!(await this.parts(found.manifest, dirname(path)))) return false;
    this.say('All AOF files and manifest are valid');
    return true;
  }

  private async parts({ base, incrs }: Manifest, folder: string): Promise<boolean> {
    const last = incrs.at(-1) ?? base;
    const partOf = (part: ManifestPart): Part => {
      const name = Buffer.from(part.name, 'latin1').toString('utf8');
      return { name, path: join(folder, name), isLast: part === last };
    };
    if (base !== null && !(await this.base(partOf(base)))) return false;
    if (incrs.length > 0) this.say('Start to check INCR files.');
    for (const incr of incrs) {
      const part = partOf(incr);
      if (!this.tell(`INCR AOF ${part.name}`, part.name, await this.one(part, 'commands'))) return false;
    }
    return true;
  }

  private async base(part: Part): Promise<boolean> {
    const form = kindOfFile(part.path) === 'rdb' ? 'rdb' : 'commands';
    this.say(`Start to check BASE AOF (${form === 'rdb' ? 'RDB' : 'RESP'} format).`);
    return this.tell(`BASE AOF ${part.name}`, part.name, await this.one(part, form));
  }

  /** A single file, from the time before manifests. */
  async oldStyle(path: string): Promise<boolean> {
    this.say('Start checking Old-Style AOF');
    const form = kindOfFile(path) === 'rdb' ? 'rdb' : 'commands';
    return this.tell(`AOF ${path}`, path, await this.one({ name: path, path, isLast: true }, form));
  }

  private tell(title: string, name: string, verdict: Verdict): boolean {
    if (verdict === 'sound') this.say(`${title} is valid`);
    else if (verdict === 'empty') this.say(`${title} is empty`);
    else if (verdict === 'cut') this.say(`Successfully truncated AOF ${name}`);
    else if (verdict === 'cut-to-timestamp') this.say(`Successfully truncated AOF ${name} to timestamp ${this.until}`);
    return verdict !== 'failed';
  }

  private async one(part: Part, form: 'rdb' | 'commands'): Promise<Verdict> {
    if (sizeOf(part.path) === 0) return 'empty';
    let offset = 0;
    if (form === 'rdb') {
      const rdb = await sayRdb(part.path, this.terminal);
      if (rdb === null) return 'failed';
      if (rdb.damage !== null) return this.failed('RDB preamble of AOF file is not sane, aborting.');
      this.say('RDB preamble is OK, proceeding with AOF tail...');
      offset = rdb.endsAt;
    }
    return this.commands(part, offset);
  }

  private async commands(part: Part, offset: number): Promise<Verdict> {
    this.tally.begin(basename(part.path));
    let cut: Cut | null = null;
    const file: AofFile = new AofFile(part.path, offset, {
      command: (request, bytes) => cut === null && this.tally.add(request, bytes),
      annotation: (text, at) => {
        cut ??= this.cutAt(text, at);
        if (cut !== null) file.close();
      },
    });
    const isWhole = await walk(file, this.terminal);
    if (cut !== null) return this.cutToTimestamp(part, cut);
    return isWhole ? this.judge(part, file) : 'failed'; // what nobody has looked at is not broken: it is never cut
  }

  /** Null as long as everything behind the annotation stays. */
  private cutAt(text: string, at: number): Cut | null {
    if (this.until === null || !text.startsWith('#TS:')) return null;
    const seconds = /^#TS:\s*([+-]?\d+)\r$/.exec(text)?.[1];
    if (seconds === undefined) return { at, why: 'unreadable' };
    return Number(seconds) > this.until ? { at, why: 'later' } : null;
  }

  private cutToTimestamp({ path, isLast }: Part, { at, why }: Cut): Verdict {
    const until = this.until ?? 0;
    if (why === 'unreadable') return this.failed('Invalid timestamp annotation');
    if (at === 0) return this.failed(`AOF ${path} has nothing before timestamp ${until}, aborting...`);
    if (!isLast) {
      this.say(`Failed to truncate AOF ${path} to timestamp ${until} to offset ${at} because it is not the last file.`);
      return this.failed(
        'If you insist, please delete all files after this file according to the manifest file and delete the ' +
          'corresponding records in manifest file manually. Then re-run redis-check-aof.',
      );
    }
    cutFile(path, at);
    return 'cut-to-timestamp';
  }

  private async judge(part: Part, file: AofFile): Promise<Verdict> {
    const { bytes, damage, lineNumber, soundUpTo } = file;
    const words = damage === null ? null : describeDamage(damage, { ...part, isInMulti: file.isInMulti });
    if (words !== null) this.say(words);
    const lost = bytes - soundUpTo;
    if (lost === 0 && this.until !== null) {
      this.say(`Truncate nothing in AOF ${part.name} to timestamp ${this.until}`);
      return 'sound';
    }
    const facts = `size=${bytes}, ok_up_to=${soundUpTo}, ok_up_to_line=${lineNumber}, diff=${lost}`;
    this.say(`AOF analyzed: filename=${part.name}, ${facts}`);
    if (lost === 0) return 'sound';
    if (this.fixes) return this.fix(part, bytes, soundUpTo);
    return this.failed(`AOF ${part.name} is not valid. Use the --fix option to try fixing it.`);
  }

  private async fix({ name, path, isLast }: Part, bytes: number, soundUpTo: number): Promise<Verdict> {
    if (!isLast) return this.failed(`Failed to truncate AOF ${name} because it is not the last file`);
    const lost = bytes - soundUpTo;
    this.say(`This will shrink the AOF ${name} from ${bytes} bytes, with ${lost} bytes, to ${soundUpTo} bytes`);
    const answer = await this.ask('Continue? [y/N]: ');
    if (!/^y/i.test(answer)) return this.failed('Aborting...');
    cutFile(path, soundUpTo);
    return 'cut';
  }

  private failed(text: string): Verdict {
    this.say(text);
    return 'failed';
  }
}
