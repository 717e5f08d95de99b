/**
 * `npm run build`: one file per program in `dist/`, and beside each the code V8 made of it.
 *
 *   src/server/main.ts ─▶ dist/server.cjs + server.cache ─▶ bin/sextet-server.js
 *   src/cli/main.ts    ─▶ dist/cli.cjs    + cli.cache    ─▶ bin/sextet.js
 *
 * One file, because loading two hundred modules costs 50 ms at each start. CommonJS, because only such a file can be
 * compiled through `vm.Script` with a code cache. The cache is V8's own format: it refuses one that was made by
 * another version of itself, and then the program compiles as usual.
 *
 * A bundle is put in place by renaming, its old cache is removed before and the new one written after, so that a build
 * that was interrupted leaves no cache of another text. Two builds of the same text at once do not touch each other's
 * files before they are whole.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';
import { build } from 'esbuild';
import { warmUpServer } from './warm-up.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const DIST = join(ROOT, 'dist');

// biome-ignore format: a table
const PROGRAMS = [
  // name      entry                  program                 what is run so that the cache holds what is needed at once
  ['server',   'src/server/main.ts',  'bin/sextet-server.js', warmUpServer],
  ['cli',      'src/cli/main.ts',     'bin/sextet.js',        askForHelp],
];

const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

/** Those of every CommonJS module; `bin/run-bundle.js` passes them. */
const PARAMETERS = 'exports, require, module, __filename, __dirname';

/** An ES module asks for its own place with import.meta.url; in a bundle that is the place of the bundle. */
const BUNDLE_URL = "const __bundleUrl = require('node:url').pathToFileURL(__filename).href;";

async function bundle(name, entry) {
  const result = await build({
    absWorkingDir: ROOT,
    entryPoints: [entry],
    outfile: join(DIST, `${name}.cjs`),
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node20.19',
    format: 'cjs',
    sourcemap: false,
    // Nothing is minified: a stack trace is worth more than 6 ms at the start, and names stay as they are.
    legalComments: 'none',
    // A strict function in ASCII, as it stands: the launcher needs no second copy of the text (4 MB resident).
    charset: 'ascii',
    footer: { js: '})' },
    banner: { js: `(function (${PARAMETERS}) { 'use strict';\n${BUNDLE_URL}` },
    define: { 'import.meta.url': '__bundleUrl', SEXTET_VERSION: JSON.stringify(version) },
    logLevel: 'warning',
  });
  return result.outputFiles[0].contents;
}

/** Where a file is written before it gets its place: who starts meanwhile finds the old one or the new one. */
function draftOf(path) {
  return `${path}.${process.pid}.new`;
}

function askForHelp(program, cachePath) {
  const args = [...program, '--help'];
  const env = { ...process.env, SEXTET_WRITE_CODE_CACHE: cachePath };
  const run = spawnSync(process.execPath, args, { env, encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`${args.join(' ')} ended with ${run.status}:\n${run.stderr}`);
}

/** A cache that V8 does not take is as good as none, and nobody would notice. */
function isRefused(path, code, cache) {
  return new Script(code.toString('latin1'), { filename: path, cachedData: cache }).cachedDataRejected;
}

async function buildProgram(name, entry, program, warmUp) {
  const [path, cachePath] = [join(DIST, `${name}.cjs`), join(DIST, `${name}.cache`)];
  const [draft, cacheDraft] = [draftOf(path), draftOf(cachePath)];
  try {
    const code = Buffer.from(await bundle(name, entry));
    writeFileSync(draft, code);
    rmSync(cachePath, { force: true });
    renameSync(draft, path);
    await warmUp([join(ROOT, program)], cacheDraft);
    if (isRefused(path, code, readFileSync(cacheDraft))) throw new Error(`V8 refuses ${cachePath}`);
    renameSync(cacheDraft, cachePath);
    return code.length;
  } finally {
    for (const left of [draft, cacheDraft]) rmSync(left, { force: true });
  }
}

mkdirSync(DIST, { recursive: true });
for (const [name, entry, program, warmUp] of PROGRAMS) {
  const startedAt = performance.now();
  const size = await buildProgram(name, entry, program, warmUp);
  console.log(`build: dist/${name}.cjs ${Math.round(size / 1024)} KB, ${Math.round(performance.now() - startedAt)} ms`);
}
