/**
 * Damaged logs and manifests, a few of them each time; as many as wanted with
 *
 *   SEXTET_FUZZ=100000 npx vitest run --project unit test/persistence/aof/mutations
 *
 * A log has no checksum, so bits that turn within a value are another value. What is proved: what stands in front of
 * the damage is read as it was; what is read is what stands there, byte for byte; a file that was only cut gives an
 * exact prefix; the split does not matter; and what is left after a cut at the sound part is sound.
 */
import { expect, test } from 'vitest';
import { describeTrouble, formatManifest, parseManifest } from '../../../src/persistence/aof/manifest.js';
import { seeded } from '../../golden/chance.mjs';
import { type Chance, damage, pick, upTo } from '../fuzz/mutations.js';
import { aof, golden, readAof, record } from './files.js';

const ROUNDS = Number(process.env.SEXTET_FUZZ ?? 150);
const LONG = 3_600_000;

// ── logs ────────────────────────────────────────────────────────────────────

const SMALL = Buffer.from(
  aof('#TS:1700000000', 'SELECT 0', 'SET k v', 'MULTI', 'SET a 10', 'RPUSH b 1 2 3', 'EXEC') +
    aof('#TS:1700000001', 'HMSET h f v', 'PEXPIREAT h 1800000000000', 'MULTI', 'DEL h', 'EXEC', 'DEL k'),
);
const LOGS = [SMALL, SMALL, SMALL, SMALL, golden('first.aof').subarray(0, 3000), golden('incr.aof')];

/** What a reader makes of bytes, as bytes again: records and annotations in their order. */
function readBack(bytes: Uint8Array, sizes: readonly number[]) {
  const notes: { at: number; line: string }[] = [];
  const reading = readAof(bytes, sizes, (line, at) => notes.push({ at, line }));
  const parts: Buffer[] = [];
  let at = 0;
  const put = (part: Buffer): void => {
    parts.push(part);
    at += part.length;
  };
  const putNotes = (): void => {
    while (notes[0]?.at === at) put(Buffer.from(`${notes.shift()?.line}\n`, 'latin1'));
  };
  for (const command of reading.commands) {
    putNotes();
    put(record(command));
  }
  putNotes();
  return { ...reading, bytes: Buffer.concat(parts) };
}

/** Redis reads `$03` as 3, and so do we: it cannot be told from `$3` behind it. */
function hasLeadingZeros(bytes: Uint8Array): boolean {
  return /[*$]-?0[0-9]|[*$]-/.test(Buffer.from(bytes).toString('latin1'));
}

function firstDifference(a: Uint8Array, b: Uint8Array): number {
  let at = 0;
  while (at < a.length && at < b.length && a[at] === b[at]) at++;
  return at;
}

function tryLog(chance: Chance): 'whole' | 'truncated' | 'corrupt' {
  const log = pick(chance, LOGS);
  const damaged = damage(log, chance);
  const sizes = Array.from({ length: 5 }, () => 1 + upTo(chance, 40));
  const inPieces = readBack(damaged, sizes);
  const atOnce = readBack(damaged, [1e6]);
  expect(inPieces.damage).toEqual(atOnce.damage);
  expect(inPieces.bytes.equals(atOnce.bytes)).toBe(true);

  const { reader, bytes, damage: trouble } = atOnce;
  const same = firstDifference(log, damaged);
  const original = readBack(log, [1e6]).bytes;
  expect(original.subarray(0, bytes.length).equals(bytes) || same < bytes.length).toBe(true);
  if (!hasLeadingZeros(damaged)) expect(bytes.equals(damaged.subarray(0, bytes.length))).toBe(true);
  if (same === damaged.length && trouble !== null) expect(trouble.why).toBe('truncated');

  expect(reader.soundUpTo).toBeLessThanOrEqual(damaged.length);
  expect(reader.validBeforeMulti).toBeLessThanOrEqual(reader.validUpTo);
  expect(reader.validBeforeMulti).toBeLessThanOrEqual(reader.soundUpTo);
  if (trouble === null) expect(reader.soundUpTo).toBe(damaged.length);
  const mended = readAof(damaged.subarray(0, reader.soundUpTo), sizes);
  expect(mended.damage).toBeNull();
  expect(mended.reader.validUpTo).toBe(reader.validBeforeMulti);
  return trouble === null ? 'whole' : trouble.why === 'truncated' ? 'truncated' : 'corrupt';
}

test(
  'logs: an exact prefix, or what is wrong is told',
  () => {
    const tried = { whole: 0, truncated: 0, corrupt: 0 };
    for (let seed = 1; seed <= ROUNDS; seed++) tried[tryLog(seeded(seed))]++;
    if (ROUNDS > 1000) console.log(JSON.stringify(tried));
    expect(Math.min(tried.whole, tried.truncated, tried.corrupt)).toBeGreaterThan(0);
  },
  LONG,
);

// ── manifests ───────────────────────────────────────────────────────────────

const MANIFESTS = [
  golden('first.manifest'),
  golden('rewritten.manifest'),
  golden('odd.manifest'),
  Buffer.from('# a comment\nfile b seq 2 type b\nfile x seq 1 type h\nfile y seq 2 type i\nfile z seq 30 type i\n'),
];

function tryManifest(chance: Chance): 'read' | 'refused' {
  const parsed = parseManifest(damage(pick(chance, MANIFESTS), chance));
  if (!parsed.ok) {
    expect(describeTrouble(parsed.trouble).length).toBeGreaterThan(1);
    return 'refused';
  }
  const { base, history, incrs } = parsed.manifest;
  for (const { name } of [...incrs, ...history, ...(base === null ? [] : [base])]) expect(name).not.toMatch(/[/\\]/);
  const written = formatManifest(parsed.manifest);
  if (written.length > 0) expect(parseManifest(written)).toEqual(parsed);
  return 'read';
}

test(
  'manifests: read and written back as the same, or what is wrong is told',
  () => {
    const tried = { read: 0, refused: 0 };
    for (let seed = 1; seed <= ROUNDS; seed++) tried[tryManifest(seeded(seed))]++;
    if (ROUNDS > 1000) console.log(JSON.stringify(tried));
    expect(Math.min(tried.read, tried.refused)).toBeGreaterThan(0);
  },
  LONG,
);
