/**
 * The link to our primary as something to be shut: by who loads what came, and for the rest of a turn that was long.
 *
 *   what came ──▶ dealt with, so and so long ──▶ more than a slice in this turn ──▶ shut until the turn is over
 *
 * The system hands over two MiB in one turn if it has them: tens of thousands of keys, or of commands.
 */
import type { ByteLink, Host } from '../../base/host.js';
import { LOAD_SLICE_MS } from '../persistence/load.js';

export class Valve {
  private isShut = false;
  private isResting = false;
  private isCounting = false;
  private spentMs = 0;

  constructor(
    private readonly host: Host,
    private readonly link: ByteLink,
  ) {}

  /** Nothing more, until `open`. */
  shut(): void {
    this.isShut = true;
    this.link.pauseReading();
  }

  open(): void {
    this.isShut = false;
    if (!this.isResting) this.link.resumeReading();
  }

  /** What came took so long to deal with. */
  spent(ms: number): void {
    this.spentMs += ms;
    if (!this.isCounting) {
      this.isCounting = true;
      this.host.endOfTurn(this.turnIsOver);
    }
    if (this.spentMs < LOAD_SLICE_MS || this.isResting) return;
    this.isResting = true;
    this.link.pauseReading();
  }

  private readonly turnIsOver = (): void => {
    const { isResting, isShut } = this;
    this.isCounting = this.isResting = false;
    this.spentMs = 0;
    if (isResting && !isShut) this.link.resumeReading();
  };
}
