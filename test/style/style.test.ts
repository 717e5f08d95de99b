/**
 * Keeps what a machine can keep of the house rules, over the source as it is on disk.
 *
 * The first part shows each rule a bad text, so that a rule cannot quietly stop finding anything; the second applies
 * all rules to the project. A finding reads `path:line what`.
 */
import { describe, expect, test } from 'vitest';
import { EXEMPT, type Exemption, LIMITS } from './house.js';
import * as rules from './rules.js';
import { readFolder, readSource, type SourceFile } from './source.js';

const HEAD = '/**\n * Says what this file knows,\n * and what it leaves to others.\n */\n';

describe('finds', () => {
  // biome-ignore format: a table
  test.each<[string, rules.Rule, string, string]>([
    ['an import upwards',        rules.importsPointDown, 'src/base/a.ts',     "import { n } from '../node/node.js';"],
    ['an import of a type, up',  rules.importsPointDown, 'src/gossip/a.ts',   "import type { N } from '../resp/n.js';"],
    ['a missing ending',         rules.importsPointDown, 'src/node/a.ts',     "import { n } from '../base/n';"],
    ['node: in a pure folder',   rules.importsPointDown, 'src/node/a.ts',     "import { open } from 'node:fs';"],
    ['a package by a side door', rules.importsPointDown, 'src/server/a.ts',   "import { pino } from 'pino';"],
    ['an unknown package',       rules.importsPointDown, 'src/server/a.ts',   "import { x } from 'x';"],
    ['an unknown folder',        rules.hasItsPlace,      'src/util/a.ts',     'export const A = 1;'],
    ['a clock',                  rules.isPure,           'src/node/a.ts',     'export const now = () => Date.now();'],
    ['another clock',            rules.isPure,           'src/node/a.ts',     'export const now = () => new Date();'],
    ['chance',                   rules.isPure,           'src/gossip/a.ts',   'export const n = Math.random();'],
    ['a timer',                  rules.isPure,           'src/gossip/a.ts',   'setTimeout(() => 1, 1);'],
    ['an async function',        rules.isPure,           'src/node/a.ts',     'export async function f() {}'],
    ['a promise',                rules.isPure,           'src/node/a.ts',     'export type P = Promise<void>;'],
    ['the console',              rules.isPure,           'src/commands/a.ts', "console.log('x');"],
    ['a regular expression',     rules.noTextEngines,    'src/commands/a.ts', 'export const R = /a+/;'],
    ['a built one',              rules.noTextEngines,    'src/commands/a.ts', "export const R = new RegExp('a');"],
    ['JSON of a client',         rules.noTextEngines,    'src/resp/a.ts',     "export const J = JSON.parse('1');"],
    ['a default export',         rules.namedExports,     'src/base/a.ts',     'export default 1;'],
    ['any',                      rules.noAny,            'src/base/a.ts',     'export let x: any;'],
    ['an index file',            rules.noIndexFiles,     'src/base/index.ts', 'export const A = 1;'],
    ['a long function',          rules.shortFunctions,   'src/base/a.ts',     `function f() {${'\n'.repeat(70)}}`],
    ['a long file',              rules.shortFiles,       'src/base/a.ts',     '\n'.repeat(401)],
    ['a long line',              rules.shortLines,       'src/base/a.ts',     `// ${'x'.repeat(118)}`],
    ['no head',                  rules.hasHead,          'src/base/a.ts',     'export const A = 1;'],
    ['a head of one line',       rules.hasHead,          'src/base/a.ts',     '/** One line. */\nexport const A = 1;'],
    ['something left open',      rules.nothingLeftOpen,  'src/base/a.ts',     `// ${'TO' + 'DO'}: later`],
  ])('%s', (_, rule, path, text) => expect(rule([readSource(path, text)])).toHaveLength(1));

  test('a cycle', () => {
    const a = readSource('src/base/a.ts', "import { b } from './b.js';\nexport const a = b;");
    const b = readSource('src/base/b.ts', "import { a } from './a.js';\nexport const b = a;");
    const b2 = readSource('src/base/b.ts', "import type { A } from './a.js';\nexport let b: A;");
    expect(rules.noCycles([a, b])).toHaveLength(1);
    expect(rules.noCycles([a, b2])).toHaveLength(0);
  });

  test('a full folder', () => {
    const files = Array.from({ length: LIMITS.folderFiles + 1 }, (_, i) => readSource(`src/base/f${i}.ts`, HEAD));
    expect(rules.smallFolders(files)).toHaveLength(1);
    expect(rules.smallFolders(files.slice(1))).toHaveLength(0);
  });

  test('nothing in a good file', () => {
    const text =
      "import { a } from '../base/a.js';\nexport class Clock {\n  process(): Date {\n    return new Date(a);\n  }\n}\n";
    const good = [readSource('src/node/clock.ts', HEAD + text)];
    expect(Object.values(rules).flatMap((rule) => rule(good))).toEqual([]);
  });
});

const src = readFolder('src', '.ts');
const tests = readFolder('test', '.ts', '.mjs');
const tools = [...readFolder('bench', '.mjs', '.ts'), ...readFolder('scripts', '.mjs', '.ts')];

const ALL = Object.entries(rules);
const MOVABLE = ['shortFiles', 'shortLines', 'smallFolders', 'namedExports', 'noIndexFiles'];
const FOR_TESTS = ALL.filter(([name]) => MOVABLE.includes(name));
const FOR_TOOLS = ALL.filter(([name]) => [...MOVABLE, 'shortFunctions', 'hasHead', 'nothingLeftOpen'].includes(name));

describe('holds', () => {
  const used = new Set<Exemption>();

  /** What is found and not exempt, one line each: the text of the failure is the list of what to mend. */
  function findings(name: string, rule: rules.Rule, files: readonly SourceFile[]): string {
    const open = rule(files).filter(({ path }) => {
      const exemption = EXEMPT.find((entry) => entry.rule === name && entry.path.test(path));
      if (exemption) used.add(exemption);
      return exemption === undefined;
    });
    return open.map(({ path, line, what }) => `${path}:${line} ${what}`).join('\n');
  }

  test.each(ALL)('src: %s', (name, rule) => expect(findings(name, rule, src)).toBe(''));
  test.each(FOR_TOOLS)('bench and scripts: %s', (name, rule) => expect(findings(name, rule, tools)).toBe(''));
  test.each(FOR_TESTS)('test: %s', (name, rule) => expect(findings(name, rule, tests)).toBe(''));

  test('each exemption is needed', () => {
    expect(EXEMPT.filter((exemption) => !used.has(exemption))).toEqual([]);
  });
});
