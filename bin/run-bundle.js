/**
 * Runs a bundle of `dist/` in this very process, with the code cache that the build left beside it.
 *
 * CommonJS and without any module of npm: the loader of ES modules costs 5 ms at each start. V8 checks the cache and
 * leaves it alone when another version of V8 made it.
 *
 * A bundle that exports `main` is called with the folder of the package; one that does not has run by being loaded.
 */
const { existsSync, readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { setFlagsFromString } = require('node:v8');
const vm = require('node:vm');

const ROOT = join(__dirname, '..');

function runBundle(name) {
  const path = join(ROOT, 'dist', `${name}.cjs`);
  if (!existsSync(path)) {
    process.stderr.write(`dist/${name}.cjs is missing: run "npm run build" in the folder of sextet\n`);
    process.exitCode = 1;
    return;
  }
  const script = new vm.Script(readFileSync(path, 'latin1'), {
    filename: path,
    cachedData: readIfThere(join(ROOT, 'dist', `${name}.cache`)),
    importModuleDynamically: vm.constants?.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  // The build asks for the cache at the end of a run: then it also holds the functions that the run compiled.
  const cacheTo = process.env.SEXTET_WRITE_CODE_CACHE;
  if (cacheTo) process.on('exit', () => writeFileSync(cacheTo, cacheOf(script)));
  const bundle = { exports: {} };
  script.runInThisContext()(bundle.exports, require, bundle, path, join(ROOT, 'dist'));
  bundle.exports.main?.(ROOT);
}

/** V8 refuses a cache made under other flags than those of a start: the one that a server sets is taken back. */
function cacheOf(script) {
  setFlagsFromString('--no-expose-gc');
  return script.createCachedData();
}

function readIfThere(path) {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

module.exports = { runBundle };
