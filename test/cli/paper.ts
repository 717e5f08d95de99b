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
