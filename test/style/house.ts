/**
 * The rules of the house as data: who may import whom, who is pure, how big things may grow, and who is exempt.
 *
 * A new folder needs a row in LAYERS, a package a door in DOORS, a table of literals that outgrows its limit a line
 * in EXEMPT with its reason. An exemption that nothing needs any more fails the test as well.
 */

export interface Layer {
  readonly mayImport: readonly string[];
  readonly isPure: boolean;
  readonly isDataPlane: boolean;
}

const layer = (isPure: boolean, isDataPlane: boolean, mayImport: string): Layer => ({
  mayImport: mayImport.split(' ').filter((name) => name !== ''),
  isPure,
  isDataPlane,
});

const ALL_BELOW_NODE = 'base resp slots keyspace gossip persistence replication scripting commands';

// biome-ignore format: a table
export const LAYERS: ReadonlyMap<string, Layer> = new Map([
  //              pure    data   may import
  ['base',        layer(true,  true,  '')],
  ['resp',        layer(true,  true,  'base')],
  ['slots',       layer(true,  true,  'base')],
  ['keyspace',    layer(true,  true,  'base resp slots')], // keys are looked up in place, in the request
  ['gossip',      layer(true,  false, 'base slots')],
  ['persistence', layer(true,  true,  'base resp slots keyspace')],
  ['replication', layer(true,  true,  'base resp keyspace persistence')],
  ['scripting',   layer(true,  true,  'base resp')],
  ['commands',    layer(true,  true,  'base resp slots keyspace gossip persistence replication scripting')],
  ['node',        layer(true,  false, ALL_BELOW_NODE)],
  ['sim',         layer(true,  false, `${ALL_BELOW_NODE} node`)],
  ['server',      layer(false, false, `${ALL_BELOW_NODE} node`)],
  ['kit',         layer(false, false, `${ALL_BELOW_NODE} node sim server`)],
  ['cli',         layer(false, false, 'base kit sim server')],
]);

/** Each package has one door into the house, so that it can be exchanged in one file. */
export const DOORS: ReadonlyMap<string, string> = new Map([
  ['redis-parser', 'src/resp/reply-reader.ts'],
  ['pino', 'src/server/logger.ts'],
  ['denque', 'src/'], // a plain data structure: no door needed
]);

/** What a pure folder may take of Node: types and a class without any effect. */
export const PURE_BUILTINS = ['node:buffer'];

/** Names that reach the machine, the clock, chance or a later moment. */
export const IMPURE_GLOBALS: ReadonlySet<string> = new Set(
  (
    'process console performance crypto fetch require globalThis Promise ' +
    'setTimeout setInterval setImmediate clearTimeout clearInterval clearImmediate queueMicrotask'
  ).split(' '),
);

/** Calls that differ from run to run, as `object.property`. */
export const IMPURE_CALLS: ReadonlySet<string> = new Set(['Date.now', 'Math.random']);

export const LIMITS = { fileLines: 400, functionLines: 70, folderFiles: 15, lineWidth: 120, headLines: 2 };

export interface Exemption {
  readonly rule: string;
  readonly path: RegExp;
  readonly reason: string;
}

/** One row of a table is one line, however wide: broken over lines it is no table any more. */
const ROWS = 'a row is one line';

export const EXEMPT: readonly Exemption[] = [
  { rule: 'shortLines', path: /^src\/commands\/[a-z-]+\/(rows|docs)\.ts$/, reason: ROWS },
  {
    rule: 'shortFunctions',
    path: /^src\/commands\/[a-z-]+\/docs\.ts$/,
    reason: 'one table of literals, made on demand',
  },
  { rule: 'noTextEngines', path: /^src\/commands\/(row|docs-syntax)\.ts$/, reason: 'reads our own tables when loaded' },
  { rule: 'namedExports', path: /^src\/resp\/redis-parser\.d\.ts$/, reason: 'says what the package exports' },
  { rule: 'shortLines', path: /^src\/node\/config-table\.ts$/, reason: ROWS },
  { rule: 'shortLines', path: /^test\/sim\/mutations\.mjs$/, reason: ROWS },
];
