/**
 * What the proofs need from Debian: the stock redis binaries, tclsh, and the source package with the official suite.
 *
 * Nothing here is needed to build, test or run sextet. As root on Debian or Ubuntu what is missing is installed;
 * anywhere else the caller gets a text that says what to install. A proof that cannot run must fail, so a missing
 * package is thrown as `Missing`, never returned as "skip".
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Something of the machine is not there and cannot be had from here. The message says what to do. */
export class Missing extends Error {}

/** The Debian package that brings each program. */
const PACKAGE_OF = {
  'redis-server': 'redis-server',
  'redis-cli': 'redis-tools',
  'redis-benchmark': 'redis-tools',
  tclsh: 'tcl',
  'dpkg-source': 'dpkg-dev',
};

/** An entry of our own beside the machine's: removing it undoes what we did. */
const SOURCE_LISTS = '/etc/apt/sources.list.d';
const OUR_SOURCE_LIST = join(SOURCE_LISTS, 'sextet-deb-src.sources');

const APT_LIMIT_MS = 300_000;

/** Makes sure that `programs` can be called, installing their packages where that is possible. */
export function needPrograms(...programs) {
  const missing = () => programs.filter((program) => pathOf(program) === null);
  need(missing, (program) => PACKAGE_OF[program] ?? program);
}

/** The same for what is no program: a file that a package brings. */
export function needFile(path, packageName) {
  need(
    () => (existsSync(path) ? [] : [path]),
    () => packageName,
  );
}

function need(findMissing, packageOf) {
  const missing = findMissing();
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map(packageOf))];
  if (!canInstall()) throw new Missing(`not found: ${missing.join(', ')}. ${advice(packages)}`);
  console.log(`installing ${packages.join(' ')}`);
  apt('update', '-qq');
  apt('install', '-y', '-qq', '--no-install-recommends', ...packages);
  const still = findMissing();
  if (still.length > 0) throw new Missing(`not found even after installing ${packages.join(' ')}: ${still.join(', ')}`);
}

/** Unpacks the source package `name` into `folder` and returns the unpacked folder's name. */
export function fetchSource(name, folder) {
  needPrograms('dpkg-source');
  mkdirSync(folder, { recursive: true });
  if (!sourceIsListed(name)) {
    if (!canInstall())
      throw new Missing(`apt knows no source package ${name}: add a deb-src entry, then apt-get update`);
    writeFileSync(OUR_SOURCE_LIST, sourceEntries());
    apt('update', '-qq');
  }
  run('apt-get', ['source', '-qq', name], folder);
  const unpacked = readdirSync(folder, { withFileTypes: true }).find((e) => e.isDirectory() && e.name.startsWith(name));
  if (!unpacked) throw new Missing(`apt-get source ${name} left no folder in ${folder}`);
  return unpacked.name;
}

/** The full path of a program, or null. */
export function pathOf(program) {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path)) ?? null;
}

function canInstall() {
  return process.getuid?.() === 0 && pathOf('apt-get') !== null;
}

function advice(packages) {
  const how = pathOf('apt-get')
    ? `sudo apt-get install ${packages.join(' ')}`
    : `install ${packages.join(', ')} (7.0.x)`;
  return `This proof compares with the real thing and does not pass without it: ${how}`;
}

function sourceIsListed(name) {
  try {
    return run('apt-cache', ['showsrc', name]).includes('Package: ');
  } catch {
    return false;
  }
}

/** The `deb` entries of this machine, said again as `deb-src`: the same mirror, the same keys, no address of ours. */
function sourceEntries() {
  const entries = [];
  for (const name of existsSync(SOURCE_LISTS) ? readdirSync(SOURCE_LISTS) : []) {
    if (!name.endsWith('.sources')) continue;
    for (const entry of readFileSync(join(SOURCE_LISTS, name), 'utf8').split(/\n\s*\n/)) {
      if (isOfDistribution(entry)) entries.push(entry.trim().replace(/^Types:.*$/m, 'Types: deb-src'));
    }
  }
  if (entries.length > 0) return `${entries.join('\n\n')}\n`;
  const oldList = existsSync('/etc/apt/sources.list') ? readFileSync('/etc/apt/sources.list', 'utf8') : '';
  const lines = [...oldList.matchAll(/^deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s+.*\bmain\b/gm)];
  if (lines.length === 0) throw new Missing('no `deb` entry found to make a `deb-src` entry from');
  return lines.map(([, uri, suite]) => `Types: deb-src\nURIs: ${uri}\nSuites: ${suite}\nComponents: main\n`).join('\n');
}

/** Only what the distribution itself offers: other vendors have no sources, and asking for them fails the update. */
function isOfDistribution(entry) {
  return /^Types:(?:.*\s)?deb(?:\s|$)/m.test(entry) && /^URIs:.*\/(?:debian|ubuntu)/m.test(entry);
}

function apt(...args) {
  run('apt-get', args);
}

function run(program, args, cwd = process.cwd()) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  try {
    return execFileSync(program, args, { cwd, env, encoding: 'utf8', stdio: 'pipe', timeout: APT_LIMIT_MS });
  } catch (failure) {
    const text = `${failure.stdout ?? ''}${failure.stderr ?? ''}`.trim().split('\n').slice(-5).join('\n');
    throw new Missing(`${program} ${args.join(' ')} failed:\n${text || failure.message}`);
  }
}
