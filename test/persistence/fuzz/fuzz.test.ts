/**
 * Damaged files and forged payloads, a few of them each time; as many as wanted with
 *
 *   SEXTET_FUZZ=100000 npx vitest run --project unit test/persistence/fuzz
 *   npx tsx test/conformance/rdb/fuzz.ts restore 1000000
 */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ConfFuzz, FileFuzz } from './file-fuzz.js';
import { RestoreFuzz } from './restore-fuzz.js';

const ROUNDS = Number(process.env.SEXTET_FUZZ ?? 200);
const CONF = new URL('../../golden/nodes-conf/', import.meta.url);

test('RDB files: refused, or the same data', () => {
  const fuzz = new FileFuzz();
  for (let seed = 1; seed <= ROUNDS; seed++) fuzz.round(seed);
  const { broken, incomplete, loaded } = fuzz.tried;
  expect(broken + incomplete + loaded).toBe(ROUNDS);
  expect(Math.min(broken, incomplete, loaded)).toBeGreaterThan(0);
}, 3_600_000);

test('payloads of RESTORE: refused, or as good as any value', () => {
  const fuzz = new RestoreFuzz();
  for (let seed = 1; seed <= ROUNDS; seed++) fuzz.round(seed);
  const tried = [...fuzz.tried.values()];
  expect(tried.reduce((sum, { accepted, refused }) => sum + accepted + refused, 0)).toBe(ROUNDS);
  expect(tried.some(({ accepted }) => accepted > 0) && tried.every(({ refused }) => refused > 0)).toBe(true);
}, 3_600_000);

test('nodes.conf: refused with a reason, or written back as it was read', () => {
  const names = readdirSync(CONF).filter((name) => name.endsWith('.conf'));
  const fuzz = new ConfFuzz(names.map((name) => readFileSync(new URL(name, CONF))));
  for (let seed = 1; seed <= ROUNDS; seed++) fuzz.round(seed);
  expect(Math.min(fuzz.tried.read, fuzz.tried.refused)).toBeGreaterThan(0);
}, 3_600_000);
