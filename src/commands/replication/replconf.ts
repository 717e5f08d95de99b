/**
 * REPLCONF option value …: the two ends of a replication link tell each other what they are, and how far they came.
 *
 *   listening-port, ip-address, capa, rdb-only, rdb-filter-only     a replica, before PSYNC: answered with OK
 *   ack offset                                                      a replica, now and then: not answered
 *   getack *                                                        a primary: answered with REPLCONF ACK
 */
import { ERRORS, quoted } from '../../base/errors.js';
import { splitArguments } from '../../base/quoting.js';
import type { Request } from '../../resp/request.js';
import type { ReplyWriter } from '../../resp/writer.js';
import { integerAt, readInteger } from '../arguments.js';
import type { Handler, Session } from '../handler.js';

/** NET_HOST_STR_LEN: a longer address is refused. */
const ADDRESS_MAX = 256;

/** True where the reply is not OK, or there is none. */
type Option = (request: Request, i: number, reply: ReplyWriter, session: Session) => boolean;

// biome-ignore format: a table
const OPTIONS: readonly (readonly [name: string, take: Option])[] = [
  ['listening-port',  listeningPort],
  ['ip-address',      address],
  ['capa',            capability],
  ['ack',             ack],
  ['getack',          getAck],
  ['rdb-only',        rdbOnly],
  ['rdb-filter-only', rdbFilterOnly],
];

export const replConf: Handler = (request, reply, _db, session) => {
  if (request.argc % 2 === 0) return reply.error(ERRORS.SYNTAX);
  for (let i = 1; i < request.argc; i += 2) {
    const option = OPTIONS.find(([name]) => request.is(i, name));
    if (option === undefined) return reply.error(`ERR Unrecognized REPLCONF option: ${quoted(request.text(i))}`);
    if (option[1](request, i + 1, reply, session)) return;
  }
  reply.ok();
};

function listeningPort(request: Request, i: number, reply: ReplyWriter, session: Session): boolean {
  const port = readInteger(request, i, reply);
  if (Number.isNaN(port)) return true;
  session.node.replicationDoor.feedOf(session).listeningPort = port;
  return false;
}

function address(request: Request, i: number, reply: ReplyWriter, session: Session): boolean {
  const length = request.len[i];
  if (length >= ADDRESS_MAX) {
    reply.error(`ERR REPLCONF ip-address provided by replica instance is too long: ${length} bytes`);
    return true;
  }
  session.node.replicationDoor.feedOf(session).announcedAddress = request.text(i);
  return false;
}

/** What we do not know is passed over. */
function capability(request: Request, i: number, _reply: ReplyWriter, session: Session): boolean {
  const feed = session.node.replicationDoor.feedOf(session);
  if (request.is(i, 'eof')) feed.understandsMark = true;
  else if (request.is(i, 'psync2')) feed.understandsNewIds = true;
  return false;
}

function ack(request: Request, i: number, _reply: ReplyWriter, session: Session): boolean {
  const door = session.node.replicationDoor;
  const offset = integerAt(request, i);
  if (session.isReplica && !Number.isNaN(offset)) door.acked(session, offset);
  return true;
}

function getAck(_request: Request, _i: number, _reply: ReplyWriter, session: Session): boolean {
  session.node.replicationDoor.sendAck();
  return true;
}

function rdbOnly(request: Request, i: number, reply: ReplyWriter, session: Session): boolean {
  const n = readInteger(request, i, reply);
  if (Number.isNaN(n)) return true;
  if (n !== 0 && n !== 1) {
    reply.error(ERRORS.ZERO_OR_ONE);
    return true;
  }
  session.node.replicationDoor.feedOf(session).rdbOnly = n === 1;
  return false;
}

/** The words name what to put in; what is not named stays out. */
function rdbFilterOnly(request: Request, i: number, reply: ReplyWriter, session: Session): boolean {
  const feed = session.node.replicationDoor.feedOf(session);
  const words = splitArguments(request.bytes(i));
  if (words === null) {
    reply.error('ERR Missing rdb-filter-only values');
    return true;
  }
  let withoutFunctions = true;
  for (const word of words) {
    if (word.toString('latin1').toLowerCase() !== 'functions') {
      reply.error(`ERR Unsupported rdb-filter-only option: ${quoted(word.toString('latin1'))}`);
      return true;
    }
    withoutFunctions = false;
  }
  feed.wishes = { withoutKeys: true, withoutFunctions };
  return false;
}
