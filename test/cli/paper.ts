/**
 * What a command of the toolbox prints to: `new Terminal(new Paper(false), …)`, and `paper.text` is what it printed.
 */
export class Paper {
  text = '';

  /** Whether it is a terminal. */
  constructor(readonly isTTY: boolean) {}

  write(text: string): void {
    this.text += text;
  }
}

/** A pipe whose reader is gone: each write ends in an error, as EPIPE does. */
export class Nobody {
  private fail = (): void => {};

  on(_event: 'error', listener: () => void): void {
    this.fail = listener;
  }

  write(): void {
    this.fail();
  }
}
