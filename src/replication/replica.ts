/**
 * A replica's way to its primary, as a state machine: what is said, what is waited for, when it is tried again.
 *
 *   none ──Follow──▶ connecting ──Up──▶ ping ──▶ handshake ──▶ psync ──+FULLRESYNC──▶ transfer ──▶ connected
 *                        ▲                        AUTH           └──+CONTINUE──────────────────────────▲
 *                        │                        REPLCONF …                                           │
 *                        └── connect ◀── an error, silence ────────────────────────────────────────────┘
 *
 * What fails before the data came is tried again with the next tick, once a second; what fails later, at once: each
 * second counts against the backlog that the primary keeps for us.
 *
 *   step(event, now) ─▶ effects, in their order. The bytes of snapshot and stream do not come through here.
 */
export type FollowState = 'none' | 'connect' | 'connecting' | 'ping' | 'handshake' | 'psync' | 'transfer' | 'connected';

/** What the configuration and our data say at the moment. */
export interface FollowerFacts {
  /** What the primary shall show of us. */
  readonly listeningPort: number;
  /** '' where the primary shall take the address it sees. */
  readonly announcedAddress: string;
  readonly user: string;
  readonly password: string;
  readonly timeoutMs: number;
  /** The stream that our data is made of; null where we have none to go on with. */
  readonly resume: { readonly id: string; readonly offset: number } | null;
}

export type FollowEvent =
  | { kind: 'Follow'; host: string; port: number; isHandover: boolean } // handover: our primary role goes to it
  | { kind: 'Leave' }
  | { kind: 'Up' }
  | { kind: 'Reply'; line: string } // a line of the handshake, as it came
  | { kind: 'Heard' } // bytes of snapshot or stream, or a sign of life
  | { kind: 'Synced' } // the snapshot is loaded
  | { kind: 'SyncFailed' } // the reason was logged
  | { kind: 'SyncRefused' } // our data is worth more than what is offered: asked again with the next tick
  | { kind: 'Down'; reason: string }
  | { kind: 'Tick' }; // once a second

export type FollowEffect =
  | { kind: 'Connect'; host: string; port: number }
  | { kind: 'Close' } // answered by no Down
  | { kind: 'Send'; requests: readonly (readonly string[])[] }
  | { kind: 'Log'; level: 'notice' | 'warning'; text: string }
  | { kind: 'Transfer'; id: string | null; offset: number } // a snapshot comes; null: of a primary without PSYNC
  | { kind: 'Resume'; id: string | null } // the stream goes on where we stopped, perhaps under another id
  | { kind: 'Lost' } // the stream ended; our data stays what it was
  | { kind: 'HandedOver'; accepted: boolean };

const ID_DIGITS = 40;

export class Follower {
  state: FollowState = 'none';
  host = '';
  port = 0;
  /** What stands in the way, in the primary's words or ours; '' while nothing does. Said until the next try knows. */
  trouble = '';
  /** It is of the present try. */
  private hasBlamed = false;
  /** Monotonic ms of the last byte of the primary, or of the last try. */
  heardAt = 0;
  private isHandover = false;
  private awaited: string[] = [];
  private effects: FollowEffect[] = [];

  constructor(private readonly facts: () => FollowerFacts) {}

  step(event: FollowEvent, now: number): FollowEffect[] {
    this.effects = [];
    this.take(event, now);
    return this.effects;
  }

  private take(event: FollowEvent, now: number): void {
    switch (event.kind) {
      case 'Follow':
        return this.follow(event.host, event.port, event.isHandover, now);
      case 'Leave':
        return this.leave();
      case 'Up':
        return this.greet(now);
      case 'Reply':
        this.heardAt = now;
        return this.hear(event.line, now);
      case 'Heard':
        this.heardAt = now;
        return;
      case 'Synced':
        return this.synced(now);
      case 'SyncFailed':
        return this.failTransfer(now);
      case 'SyncRefused':
        return this.giveUp();
      case 'Down':
        return this.down(event.reason, now);
      case 'Tick':
        return this.tick(now);
    }
  }

  // ── whom to follow ────────────────────────────────────────────────────────

  private follow(host: string, port: number, isHandover: boolean, now: number): void {
    this.leave();
    this.host = host;
    this.port = port;
    this.isHandover = isHandover;
    this.log('notice', `Connecting to MASTER ${host}:${port}`);
    this.connect(now);
  }

  private leave(): void {
    if (this.state === 'connected') this.lose();
    if (this.state !== 'none' && this.state !== 'connect') this.emit({ kind: 'Close' });
    this.state = 'none';
    this.trouble = '';
    this.isHandover = false;
  }

  private connect(now: number): void {
    this.state = 'connecting';
    this.hasBlamed = false;
    this.heardAt = now;
    this.emit({ kind: 'Connect', host: this.host, port: this.port });
    this.log('notice', 'MASTER <-> REPLICA sync started');
  }

  // ── the handshake ─────────────────────────────────────────────────────────

  private greet(now: number): void {
    if (this.state !== 'connecting') return;
    this.heardAt = now;
    this.state = 'ping';
    this.log('notice', 'Non blocking connect for SYNC fired the event.');
    this.send(['PING']);
  }

  private hear(line: string, now: number): void {
    if (line === '') return; // a sign of life
    if (this.state === 'ping') return this.hearPong(line);
    if (this.state === 'handshake') return this.hearAnswer(line);
    if (this.state === 'psync') this.hearPsync(line, now);
  }

  /** Who is asked for a password is answered with one: it is not an error yet. */
  private hearPong(line: string): void {
    const mayGoOn = line.startsWith('+') || ASKS_FOR_LOGIN.some((start) => line.startsWith(start));
    if (!mayGoOn) return this.refuse(`Error reply to PING from master: '${line}'`, line);
    this.log('notice', 'Master replied to PING, replication can continue...');
    const facts = this.facts();
    if (line.startsWith('-NOAUTH') && facts.password === '') {
      this.blame("NOAUTH: the primary asks for a password, and 'masterauth' is not set");
      this.log('warning', "The master asks for a password, but 'masterauth' is not set here: it will send no data.");
    }
    this.introduce(facts);
  }

  private introduce(facts: FollowerFacts): void {
    const { user, password, listeningPort, announcedAddress } = facts;
    const requests: string[][] = [];
    this.awaited = [];
    const ask = (what: string, ...request: string[]): void => {
      this.awaited.push(what);
      requests.push(request);
    };
    if (password !== '') ask('AUTH', 'AUTH', ...(user === '' ? [] : [user]), password);
    ask('listening-port', 'REPLCONF', 'listening-port', String(listeningPort));
    if (announcedAddress !== '') ask('ip-address', 'REPLCONF', 'ip-address', announcedAddress);
    ask('capa', 'REPLCONF', 'capa', 'eof', 'capa', 'psync2');
    this.state = 'handshake';
    this.send(...requests);
  }

  private hearAnswer(line: string): void {
    const what = this.awaited.shift();
    if (line.startsWith('-') && what === 'AUTH') return this.refuse(`Unable to AUTH to MASTER: ${line}`, line);
    if (line.startsWith('-')) this.log('notice', `(Non critical) Master does not understand REPLCONF ${what}: ${line}`);
    if (this.awaited.length === 0) this.askForStream();
  }

  private askForStream(): void {
    const { resume } = this.facts();
    this.state = 'psync';
    if (resume === null) {
      this.log('notice', 'Partial resynchronization not possible (no cached master)');
      return this.send(['PSYNC', '?', '-1']);
    }
    const next = String(resume.offset + 1);
    this.log('notice', `Trying a partial resynchronization (request ${resume.id}:${next}).`);
    this.send(['PSYNC', resume.id, next, ...(this.isHandover ? ['FAILOVER'] : [])]);
  }

  private hearPsync(line: string, now: number): void {
    if (line.startsWith('+FULLRESYNC')) return this.beginTransfer(line, now);
    if (line.startsWith('+CONTINUE')) return this.resume(line, now);
    const isHandover = this.endHandover(false);
    this.blame(withoutSign(line));
    if (line.startsWith('-NOMASTERLINK') || line.startsWith('-LOADING')) {
      this.log('notice', `Master is currently unable to PSYNC but should be in the future: ${line}`);
      return this.giveUp();
    }
    if (line.startsWith('-ERR'))
      this.log('notice', `Master does not support PSYNC or is in error state (reply: ${line})`);
    else this.log('warning', `Unexpected reply to PSYNC from master: ${line}`);
    if (isHandover) return this.giveUp();
    this.log('notice', 'Retrying with SYNC...');
    this.send(['SYNC']);
    this.state = 'transfer';
    this.heardAt = now;
    this.emit({ kind: 'Transfer', id: null, offset: 0 });
  }

  private beginTransfer(line: string, now: number): void {
    const [, id = '', digits = ''] = line.split(' ');
    const offset = Number(digits);
    this.endHandover(true);
    const isSound = id.length === ID_DIGITS && digits !== '' && Number.isSafeInteger(offset) && offset >= 0;
    if (isSound) this.log('notice', `Full resync from master: ${id}:${offset}`);
    else this.log('warning', 'Master replied with wrong +FULLRESYNC syntax.');
    this.state = 'transfer';
    this.heardAt = now;
    this.emit({ kind: 'Transfer', id: isSound ? id : null, offset: isSound ? offset : 0 });
  }

  private resume(line: string, now: number): void {
    const id = line.slice('+CONTINUE '.length).trim();
    this.endHandover(true);
    this.log('notice', 'Successful partial resynchronization with master.');
    this.state = 'connected';
    this.trouble = '';
    this.heardAt = now;
    this.emit({ kind: 'Resume', id: id.length === ID_DIGITS ? id : null });
    this.log('notice', 'MASTER <-> REPLICA sync: Master accepted a Partial Resynchronization.');
  }

  private endHandover(accepted: boolean): boolean {
    const { isHandover } = this;
    if (isHandover) this.emit({ kind: 'HandedOver', accepted });
    this.isHandover = false;
    return isHandover;
  }

  // ── the data ──────────────────────────────────────────────────────────────

  private synced(now: number): void {
    if (this.state !== 'transfer') return;
    this.state = 'connected';
    this.trouble = '';
    this.heardAt = now;
  }

  /** Not with the next tick but at once: the primary may still have our snapshot in its hands. */
  private failTransfer(now: number): void {
    if (this.state !== 'transfer') return;
    this.emit({ kind: 'Close' });
    this.log('notice', `Reconnecting to MASTER ${this.host}:${this.port} after failure`);
    this.connect(now);
  }

  // ── what goes wrong ───────────────────────────────────────────────────────

  /** The first thing that a try has to say counts: what follows is its consequence. */
  blame(reason: string): void {
    if (this.hasBlamed) return;
    this.trouble = reason;
    this.hasBlamed = true;
  }

  private down(reason: string, now: number): void {
    switch (this.state) {
      case 'none':
      case 'connect':
        return;
      case 'connecting':
        this.log('warning', `Error condition on socket for SYNC: ${reason}`);
        this.blame(reason);
        this.state = 'connect';
        return;
      case 'transfer':
        this.log('warning', `I/O error trying to sync with MASTER: ${reason === '' ? 'connection lost' : reason}`);
        this.log('notice', `Reconnecting to MASTER ${this.host}:${this.port} after failure`);
        return this.connect(now);
      case 'connected':
        return this.reconnect(now);
      default:
        if (reason !== '') this.log('warning', `Failed to read response from the server: ${reason}`);
        this.log('warning', 'Master did not respond to command during SYNC handshake');
        this.endHandover(false);
        this.state = 'connect';
    }
  }

  private reconnect(now: number): void {
    this.lose();
    this.log('notice', `Reconnecting to MASTER ${this.host}:${this.port}`);
    this.connect(now);
  }

  /** What is kept of the stream is what it takes to go on with it; of one that was none, nothing. */
  private lose(): void {
    this.log('warning', 'Connection with master lost.');
    this.emit({ kind: 'Lost' });
    if (this.facts().resume !== null) this.log('notice', 'Caching the disconnected master state.');
  }

  private tick(now: number): void {
    if (this.state === 'connect') {
      this.log('notice', `Connecting to MASTER ${this.host}:${this.port}`);
      return this.connect(now);
    }
    if (this.state === 'none' || now - this.heardAt <= this.facts().timeoutMs) return;
    this.emit({ kind: 'Close' });
    if (this.state === 'connected') {
      this.log('warning', 'MASTER timeout: no data nor PING received...');
      return this.reconnect(now);
    }
    this.log('warning', this.state === 'transfer' ? TRANSFER_TIMEOUT : 'Timeout connecting to the MASTER...');
    this.blame('the primary is silent');
    this.log('notice', `Reconnecting to MASTER ${this.host}:${this.port} after failure`);
    this.connect(now);
  }

  private refuse(text: string, line: string): void {
    this.blame(withoutSign(line));
    this.log('warning', text);
    this.giveUp();
  }

  /** Until the next tick. */
  private giveUp(): void {
    this.emit({ kind: 'Close' });
    this.state = 'connect';
  }

  private send(...requests: readonly string[][]): void {
    this.emit({ kind: 'Send', requests });
  }

  private log(level: 'notice' | 'warning', text: string): void {
    this.emit({ kind: 'Log', level, text });
  }

  private emit(effect: FollowEffect): void {
    this.effects.push(effect);
  }
}

/** Old servers have no code for it. */
const ASKS_FOR_LOGIN = ['-NOAUTH', '-NOPERM', '-ERR operation not permitted'];

const TRANSFER_TIMEOUT =
  'Timeout receiving bulk data from MASTER... If the problem persists try to set the ' +
  "'repl-timeout' parameter in redis.conf to a larger value.";

function withoutSign(line: string): string {
  return line.startsWith('-') ? line.slice(1) : line;
}
