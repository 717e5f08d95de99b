/**
 * A server without a network: gives commands to the handlers and returns the bytes of the reply.
 *
 *   const server = new Commander();
 *   server.run('SET', 'k', 'v')        → '+OK\r\n'
 *   server.now += 1000                 time passes only so
 *   server.events                      → ['set 0 k']: what the keyspace announced since `run` began
 *
 * Name and arity are checked as everywhere; redirects, rights and memory are not: those are the dispatcher's.
 */
import { ERRORS, wrongArity } from '../../src/base/errors.js';
import { GROUPS } from '../../src/commands/groups.js';
import type { ServerDoor } from '../../src/commands/server/door.js';
import type { SavingDoor } from '../../src/commands/server/saving.js';
import type { NodeDoor, Session } from '../../src/commands/handler.js';
import { CommandTable } from '../../src/commands/table.js';
import { Engine } from '../../src/keyspace/engine.js';
import { EVENT_NAME, type KeyObserver } from '../../src/keyspace/events.js';
import { Dumps } from '../../src/persistence/dump.js';
import { Request } from '../../src/resp/request.js';
import { ReplyWriter } from '../../src/resp/writer.js';
import { seeded } from '../golden/chance.mjs';

const TABLE = new CommandTable(GROUPS);
/** Some moment: whole, and late enough for seconds in the past. */
const START_MS = 1_700_000_000_000;

export class Commander implements KeyObserver {
  readonly engine: Engine;
  readonly reply = new ReplyWriter();
  readonly session: Session;
  events: string[] = [];
  readonly settings = { rdbcompression: true };
  private readonly random = seeded(1);

  constructor(databaseCount = 16, facts: Partial<NodeDoor> = {}) {
    this.engine = new Engine({ databaseCount, hashKey: [0x1234_5678, 0x0fed_cba9], random: this.random });
    this.engine.setClock(START_MS);
    this.engine.observer = this;
    const dumps = new Dumps(this.engine, this.settings);
    const door = {
      engine: this.engine,
      dumps,
      table: TABLE,
      isCluster: false,
      isReplica: false,
      log: () => {},
      server: stubOf<ServerDoor>('the server', { saving: NO_FILE }),
      ...facts,
    };
    this.session = sessionOn(stubOf<NodeDoor>('the node', door));
  }

  get now(): number {
    return this.engine.now;
  }

  set now(ms: number) {
    this.engine.setClock(ms);
  }

  get db() {
    return this.engine.database(this.session.database);
  }

  /** The reply as latin1 text. */
  run(...args: readonly (string | Uint8Array)[]): string {
    return this.runBytes(args).toString('latin1');
  }

  runBytes(args: readonly (string | Uint8Array)[]): Buffer {
    const { reply, session } = this;
    const request = Request.of(...args);
    this.events = [];
    reply.pos = reply.from = 0;
    reply.resp = session.resp;
    this.dispatch(request);
    return Buffer.from(reply.buf.subarray(0, reply.pos));
  }

  private dispatch(request: Request): void {
    const { reply, session } = this;
    const command = TABLE.commands[(request.command = TABLE.find(request))];
    if (command === undefined) {
      if (!this.standIn(request)) reply.error(`ERR unknown command '${request.text(0)}'`);
      return;
    }
    const { arity } = command;
    if (arity > 0 ? request.argc !== arity : request.argc < -arity) return reply.error(wrongArity(command.name));
    command.run(request, reply, this.db, session);
  }

  /** Commands of other rooms that sequences need, in case the table does not have them. */
  private standIn(request: Request): boolean {
    if (request.is(0, 'select')) {
      const index = Number(request.text(1));
      if (index >= this.engine.databaseCount) this.reply.error(ERRORS.DB_OUT_OF_RANGE);
      else this.session.database = index;
    } else if (request.is(0, 'flushall')) this.engine.flushAll();
    else return false;
    this.reply.ok();
    return true;
  }

  keyChanged(database: number, bytes: Uint8Array, offset: number, length: number, event: number): void {
    this.events.push(`${EVENT_NAME[event]} ${database} ${keyText(bytes, offset, length)}`);
  }

  keyExpired(database: number, bytes: Uint8Array, offset: number, length: number): void {
    this.events.push(`expired ${database} ${keyText(bytes, offset, length)}`);
  }

  keyMissed(database: number, bytes: Uint8Array, offset: number, length: number): void {
    this.events.push(`keymiss ${database} ${keyText(bytes, offset, length)}`);
  }

  replacing(database: number, other: number | null): void {
    this.events.push(`replacing ${database} ${other}`);
  }
}

function keyText(bytes: Uint8Array, offset: number, length: number): string {
  return Buffer.from(bytes.subarray(offset, offset + length)).toString('latin1');
}

/** FLUSHALL tells it. */
const NO_FILE = stubOf<SavingDoor>('the file', { flushed: () => {} });

/** What is not among the parts fails at its first use, by name: no test runs on a guess. */
export function stubOf<T extends object>(name: string, parts: Partial<T>): T {
  return new Proxy(parts, {
    get(target, property) {
      if (!(property in target)) throw new Error(`the stub of ${name} has no ${String(property)}`);
      return Reflect.get(target, property);
    },
  }) as T;
}

function sessionOn(node: NodeDoor): Session {
  return stubOf<Session>('the session', {
    id: 1,
    node,
    name: '',
    database: 0,
    resp: 2,
    transaction: null,
    isSubscribed: false,
  });
}
