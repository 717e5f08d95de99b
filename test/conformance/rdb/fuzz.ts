/**
 * Damaged RDB files, damaged nodes.conf, forged payloads of RESTORE: as many as wanted, by seeds. Ends with 1 at the
 * first that crashes something, leaves memory behind or gives other data, and names its seed.
 *
 *   npx tsx test/conformance/rdb/fuzz.ts file|conf|restore [rounds] [first seed]
 */
import { readdirSync, readFileSync } from 'node:fs';
import { ConfFuzz, FileFuzz } from '../../persistence/fuzz/file-fuzz.js';
import { RestoreFuzz } from '../../persistence/fuzz/restore-fuzz.js';

const [what = 'restore', rounds = '10000', first = '1'] = process.argv.slice(2);
const CONF = new URL('../../golden/nodes-conf/', import.meta.url);
const SAID_EVERY = 50_000;

const KINDS = new Map<string, () => { tried: object; round(seed: number): void }>([
  ['file', () => new FileFuzz()],
  ['conf', () => new ConfFuzz(confFiles())],
  ['restore', () => new RestoreFuzz()],
]);

function confFiles(): Buffer[] {
  const names = readdirSync(CONF).filter((name) => name.endsWith('.conf'));
  return names.map((name) => readFileSync(new URL(name, CONF)));
}

const make = KINDS.get(what);
if (make === undefined) throw new Error(`one of ${[...KINDS.keys()].join(', ')}, not ${what}`);
const fuzz = make();
const from = Number(first);
const to = from + Number(rounds);
for (let seed = from; seed < to; seed++) {
  fuzz.round(seed);
  if ((seed - from + 1) % SAID_EVERY === 0) console.error(`${seed - from + 1} of ${rounds}`);
}
if (fuzz.tried instanceof Map) console.table(Object.fromEntries(fuzz.tried));
else console.table([fuzz.tried]);
