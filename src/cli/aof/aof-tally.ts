/**
 * What stands in append-only files: how many commands of each kind, for which database, and how many bytes they take.
 * A SELECT counts for the database that it selects; in front of the first one nobody knows which it is.
 */
import type { Request } from '../../kit/aof-file.js';
import { printable } from '../key-text.js';
import type { Cell, Terminal } from '../terminal.js';

const HEAD = ['file', 'database', 'command', 'times', 'bytes'];
/** Of a file that is no log, each command may be another one. */
const MOST_KINDS = 200;
const NAME_CHARS = 32;

interface Sum {
  readonly file: string;
  readonly database: string;
  readonly command: string;
  times: number;
  bytes: number;
}

export class AofTally {
  private readonly sums = new Map<string, Sum>();
  private file = '';
  private database = '-';

  /** Each file selects its databases anew. */
  begin(file: string): void {
    this.file = file;
    this.database = '-';
  }

  add(request: Request, bytes: number): void {
    if (request.argc === 2 && request.is(0, 'select')) this.database = printable(request.text(1).slice(0, NAME_CHARS));
    const sum = this.sumOf(printable(request.text(0).slice(0, NAME_CHARS).toUpperCase()));
    sum.times++;
    sum.bytes += bytes;
  }

  private sumOf(command: string): Sum {
    const { file, database, sums } = this;
    const key = `${file} ${database} ${command}`;
    const known = sums.get(key);
    if (known !== undefined) return known;
    if (sums.size >= MOST_KINDS && command !== '…') return this.sumOf('…');
    const sum = { file: printable(file), database, command, times: 0, bytes: 0 };
    sums.set(key, sum);
    return sum;
  }

  /** Null where there was no command. */
  table(terminal: Terminal): string | null {
    const rows = [...this.sums.values()].map(({ file, database, command, times, bytes }): Cell[] => [
      file,
      database,
      command,
      `${times}`,
      `${bytes}`,
    ]);
    return rows.length === 0 ? null : terminal.table(HEAD, rows);
  }
}
