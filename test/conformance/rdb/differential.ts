/**
 * Forged payloads of RESTORE, for redis-server (sanitize-dump-payload yes) and for us: who accepts what, as a table.
 * What both accept must have the same DEBUG DIGEST-VALUE, and we accept nothing that redis refuses.
 *
 *   npx tsx test/conformance/rdb/differential.ts [payloads] [first seed]
 *
 *   tamper(body) ▸ footer ─┬─▶ redis-server ─▶ OK, digest │ Bad data format
 *                          └─▶ our handlers ─▶ OK, digest │ Bad data format
 *
 * What only redis accepts is counted by our reason to refuse it; ends with 1 where that is none of STRICTER.
 */
import { encodeRequest } from '../../../src/resp/reply-reader.js';
import { seeded } from '../../golden/chance.mjs';
import { pick, tamper } from '../../persistence/fuzz/mutations.js';
import { payloads, sealed, smallServer } from '../../persistence/fuzz/payloads.js';
import { dropFolder, type RealServer, scratchFolder, withRealServer } from './real.js';

const [count = '20000', first = '1'] = process.argv.slice(2);
const BATCH = 500;
const SHOWN = 8;

/** As LIMITS of payloads.ts. */
const OPTIONS = [
  ['--sanitize-dump-payload', 'yes'],
  ['--hash-max-listpack-entries', '6'],
  ['--zset-max-listpack-entries', '6'],
  ['--set-max-intset-entries', '6'],
  ['--list-max-listpack-size', '5'],
].flat();

interface Case {
  readonly seed: number;
  readonly form: string;
  readonly payload: Uint8Array;
}

interface Verdict {
  readonly accepted: boolean;
  readonly digest: string;
  /** Why we refuse it. */
  readonly reason: string;
}

interface Row {
  payloads: number;
  'both refuse': number;
  'both accept': number;
  'only we': number;
  'only redis': number;
  'other data': number;
}

type Outcome = Exclude<keyof Row, 'payloads'>;

/** Where we look closer, by the reason that we give, and what redis does. */
const STRICTER = new Map([
  ['its footer', 'a value that claims more bytes than it has is read on into version and checksum'],
  ['Zset listpack integrity check failed.', 'scores of small sorted sets may be in any order, and no numbers'],
  ['Zset with NAN score detected', 'digits of an old score may be followed by anything'],
  ['Listpack integrity check failed.', 'a backward length may have more bytes than it needs'],
  ['Zipmap integrity check failed.', 'bytes may stand behind the end'],
  ['Invalid length or string.', 'the form of an integer serves as a length; what unpacks to nothing may be broken'],
]);

const bodies = payloads();
const table = new Map<string, Row>(bodies.map(([form]) => [form, emptyRow()]));
const stricter = new Map<string, number>();
const differing: string[] = [];

function emptyRow(): Row {
  return {
    payloads: 0,
    'both refuse': 0,
    'both accept': 0,
    'only we': 0,

    'only redis': 0,
    'other data': 0,
  };
}

function caseOf(seed: number): Case {
  const chance = seeded(seed);
  const [form, body] = pick(chance, bodies);
  return { seed, form, payload: sealed(tamper(body, chance)) };
}

const commandsOf = (payload: Uint8Array): (string | Uint8Array)[][] => [
  ['RESTORE', 'k', '0', payload, 'REPLACE'],
  ['DEBUG', 'DIGEST-VALUE', 'k'],
  ['DEL', 'k'],
];

/** Of each case three replies: one line, a list of one, one line. */
const LINES = 4;

async function askReal(server: RealServer, cases: readonly Case[]): Promise<Verdict[]> {
  const bytes = Buffer.concat(cases.flatMap(({ payload }) => commandsOf(payload).map(encodeRequest)));
  const lines = (await server.askBytes(bytes)).toString('latin1').split('\r\n');
  if (lines.length !== cases.length * LINES + 1) throw new Error(`${lines.length} lines for ${cases.length} cases`);
  return cases.map((_, i) => verdictOf(lines[i * LINES], lines[i * LINES + 2]));
}

const ours = smallServer();

function askUs(payload: Uint8Array): Verdict {
  const [reply, digest] = commandsOf(payload).map((command) => ours.run(...command).split('\r\n'));
  return verdictOf(reply?.[0], digest?.[1]);
}

function verdictOf(reply = '', digest = ''): Verdict {
  if (reply !== '+OK' && reply !== '-ERR Bad data format') throw new Error(`RESTORE said ${reply}`);
  return { accepted: reply === '+OK', digest, reason: ours.session.node.dumps.reason };
}

function compare({ seed, form, payload }: Case, us: Verdict, real: Verdict): void {
  const row = table.get(form) ?? emptyRow();
  row.payloads++;
  const what = outcome(us, real);
  row[what]++;
  if (what === 'both accept' || what === 'both refuse') return;
  if (what === 'only redis') {
    const reason = takesFooter(payload, real) ? 'its footer' : us.reason;
    stricter.set(reason, (stricter.get(reason) ?? 0) + 1);
    if (STRICTER.has(reason)) return;
  }
  differing.push(`${what}: ${form}, seed ${seed}: ${Buffer.from(payload).toString('hex').slice(0, 400)}`);
}

/** Whether we would accept the same, were the footer part of the value. */
function takesFooter(payload: Uint8Array, real: Verdict): boolean {
  const withFooter = askUs(sealed(payload));
  return withFooter.accepted && withFooter.digest === real.digest;
}

function outcome(us: Verdict, real: Verdict): Outcome {
  if (us.accepted !== real.accepted) return us.accepted ? 'only we' : 'only redis';
  if (!us.accepted) return 'both refuse';
  return us.digest === real.digest ? 'both accept' : 'other data';
}

const folder = scratchFolder();
const from = Number(first);
const to = from + Number(count);
await withRealServer(
  folder,
  async (server) => {
    for (let seed = from; seed < to; seed += BATCH) {
      const cases = Array.from({ length: Math.min(BATCH, to - seed) }, (_, i) => caseOf(seed + i));
      const verdicts = await askReal(server, cases);
      for (const [i, one] of cases.entries()) compare(one, askUs(one.payload), verdicts[i] as Verdict);
    }
  },
  ...OPTIONS,
);
dropFolder(folder);

console.table(Object.fromEntries(table));
for (const [reason, times] of stricter)
  console.log(`${times} only redis: ${reason} (${STRICTER.get(reason) ?? 'not known'})`);
for (const line of differing.slice(0, SHOWN)) console.log(line);
if (differing.length > 0) console.log(`${differing.length} of ${count} differ`);
process.exitCode = differing.length > 0 ? 1 : 0;
