/**
 * DEBUG PROTOCOL and DEBUG ERROR: one reply of each kind that there is, for tests of clients.
 *
 * Where RESP2 has no such kind, it comes in the shape in which RESP2 clients get it.
 */
import { ERRORS } from '../../../base/errors.js';
import type { ReplyWriter } from '../../../resp/writer.js';
import type { Handler } from '../../handler.js';

const BIG_NUMBER = '1234567999999999999999999999999999999';
// biome-ignore lint/suspicious/noApproximativeNumericConstant: as it goes out
const NEARLY_PI = 3.141;

// biome-ignore format: a table
const SAMPLES: ReadonlyMap<string, (reply: ReplyWriter) => void> = new Map([
  ['string',   (reply: ReplyWriter) => reply.bulkText('Hello World')],
  ['integer',  (reply: ReplyWriter) => reply.integer(12345)],
  ['double',   (reply: ReplyWriter) => reply.double(NEARLY_PI)],
  ['bignum',   writeBigNumber],
  ['null',     (reply: ReplyWriter) => reply.nil()],
  ['array',    (reply: ReplyWriter) => writeThree(reply, (n) => reply.arrayHeader(n))],
  ['set',      (reply: ReplyWriter) => writeThree(reply, (n) => reply.setHeader(n))],
  ['map',      writeMap],
  ['attrib',   writeAttribute],
  ['push',     writePush],
  ['verbatim', (reply: ReplyWriter) => reply.verbatim('This is a verbatim\nstring')],
  ['true',     (reply: ReplyWriter) => reply.boolean(true)],
  ['false',    (reply: ReplyWriter) => reply.boolean(false)],
]);

function writeBigNumber(reply: ReplyWriter): void {
  if (reply.resp === 3) reply.raw(`(${BIG_NUMBER}\r\n`);
  else reply.bulkText(BIG_NUMBER);
}

function writeThree(reply: ReplyWriter, header: (n: number) => void): void {
  header(3);
  for (let n = 0; n < 3; n++) reply.integer(n);
}

function writeMap(reply: ReplyWriter): void {
  reply.mapHeader(3);
  for (let n = 0; n < 3; n++) {
    reply.integer(n);
    reply.boolean(n === 1);
  }
}

function writeAttribute(reply: ReplyWriter): void {
  if (reply.resp === 3) {
    reply.raw('|1\r\n');
    reply.bulkText('key-popularity');
    reply.arrayHeader(2);
    reply.bulkText('key:123');
    reply.integer(90);
  }
  reply.bulkText('Some real reply following the attribute');
}

function writePush(reply: ReplyWriter): void {
  if (reply.resp === 2) return reply.error(ERRORS.NOT_IN_RESP2);
  reply.pushHeader(2);
  reply.bulkText('server-cpu-usage');
  reply.integer(42);
  reply.bulkText('Some real reply following the push reply');
}

export const debugProtocol: Handler = (request, reply) => {
  const write = SAMPLES.get(request.text(2).toLowerCase());
  if (write === undefined) reply.error(ERRORS.PROTOCOL_TYPE);
  else write(reply);
};

/** The text is the whole error, code included. */
export const debugError: Handler = (request, reply) => {
  reply.error(request.text(2));
};
