/**
 * What people see: answers on stdout, progress on stderr. Colour and motion only where a terminal shows them, so that
 * a log file or a pipe gets plain lines.
 */
import type { Progress } from '../kit/manager.js';

/** ANSI's codes for on and off. Not util.styleText, which also looks for itself, in each Node in another way. */
const STYLES = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
} as const;

type Style = keyof typeof STYLES;

/** The part of a process' streams that is used. */
export interface Stream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  on?(event: 'error', listener: () => void): unknown;
}

export type Cell = string | { readonly text: string; readonly style: Style };

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 80;
const CLEAR_LINE = '\r\x1b[2K';

export class Terminal {
  /** Nobody reads answers any more: one could not be written. The streams of a process are never `destroyed`. */
  isGone = false;
  private readonly colourful: boolean;

  constructor(
    private readonly out: Stream,
    private readonly err: Stream,
    environment: NodeJS.ProcessEnv,
  ) {
    this.colourful = wantsColour(out, environment);
    out.on?.('error', () => (this.isGone = true));
  }

  /** An answer. */
  say(text = ''): void {
    this.out.write(`${text}\n`);
  }

  /** Something beside the answer: a warning, an error. */
  note(text: string): void {
    this.err.write(`${text}\n`);
  }

  paint(style: Style, text: string): string {
    if (!this.colourful || text === '') return text;
    const [on, off] = STYLES[style];
    return `\x1b[${on}m${text}\x1b[${off}m`;
  }

  /** Columns as wide as their widest cell. */
  table(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
    const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => textOf(row[i]).length)));
    const headLine = layOut(head, widths, (_cell, padded) => this.paint('dim', padded));
    const lines = rows.map((row) => layOut(row, widths, (cell, padded) => this.paintCell(cell, padded)));
    return [headLine, ...lines].join('\n');
  }

  /** To be ended by `done`, whatever happens in between. */
  progress(): ShownProgress {
    return this.err.isTTY ? new Spinner(this.err) : new PlainProgress(this.err);
  }

  private paintCell(cell: Cell, padded: string): string {
    return typeof cell === 'string' ? padded : this.paint(cell.style, padded);
  }
}

export interface ShownProgress extends Progress {
  done(): void;
}

/** https://no-color.org: any text in NO_COLOR means no. */
export function wantsColour(out: Stream, environment: NodeJS.ProcessEnv): boolean {
  if (environment.NO_COLOR) return false;
  if (environment.FORCE_COLOR) return environment.FORCE_COLOR !== '0';
  return out.isTTY === true;
}

function layOut(
  cells: readonly Cell[],
  widths: readonly number[],
  paint: (cell: Cell, padded: string) => string,
): string {
  const padded = cells.map((cell, i) =>
    paint(cell, textOf(cell).padEnd(i === cells.length - 1 ? 0 : (widths[i] ?? 0))),
  );
  return `  ${padded.join('  ')}`.trimEnd();
}

function textOf(cell: Cell | undefined): string {
  return typeof cell === 'string' ? cell : (cell?.text ?? '');
}

/** One line that turns while something goes on, and leaves nothing on the screen. */
class Spinner implements ShownProgress {
  private text = '';
  private frame = 0;
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly err: Stream) {
    this.timer = setInterval(() => this.draw(), FRAME_MS);
    this.timer.unref();
  }

  step(text: string): void {
    if (text === this.text) return;
    this.text = text;
    this.draw();
  }

  note(text: string): void {
    this.err.write(`${CLEAR_LINE}${text}\n`);
    this.draw();
  }

  done(): void {
    clearInterval(this.timer);
    this.err.write(CLEAR_LINE);
  }

  private draw(): void {
    if (this.text === '') return;
    this.frame = (this.frame + 1) % FRAMES.length;
    this.err.write(`${CLEAR_LINE}${FRAMES[this.frame]} ${this.text}`);
  }
}

/** One line a step; what follows a colon changes too often for a log. */
class PlainProgress implements ShownProgress {
  private last = '';

  constructor(private readonly err: Stream) {}

  step(text: string): void {
    const [what = ''] = text.split(':');
    if (what === this.last) return;
    this.last = what;
    this.note(what);
  }

  note(text: string): void {
    this.err.write(`${text}\n`);
  }

  done(): void {}
}
