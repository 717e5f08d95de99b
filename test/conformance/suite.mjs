/**
 * Redis' own test suite, fetched when it is needed and never part of this project.
 *
 *    .suite/redis-7.0.15/tests        as Debian's source package has it, but for HARNESS_CHANGES
 *    .suite/desk-0/tests/…            links to the above, and a `tmp` of its own
 *    .suite/desk-0/src/redis-cli …    links to Debian's binaries
 *
 * A desk is a place where one unit runs. Two units may run side by side at two desks: the harness empties its `tmp`
 * at start and end, so they must not share it.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from '../../bench/servers.mjs';
import { fetchSource, Missing, needPrograms, pathOf } from '../../scripts/apt.mjs';

const SUITE = join(PROJECT, '.suite');
const UPSTREAM = 'redis-7.0.15';
const BINARIES = ['redis-server', 'redis-cli', 'redis-benchmark', 'redis-check-aof', 'redis-check-rdb'];

/** Tcl that does something if it is called, over however many blocks, by a test. */
const whereInTest = (action) =>
  '            for {set l [info frame]} {$l > 0} {incr l -1} {\n' +
  `                if {[dict exists [info frame $l] proc] && [dict get [info frame $l] proc] eq {::test}} {${action}}\n` +
  '            }\n';

/** What we change in the harness, never in a test. Each text must be there exactly once. */
const HARNESS_CHANGES = [
  {
    file: 'support/server.tcl',
    from: '    r function flush\n',
    to: '    catch {r function flush}\n',
    why: 'the reset before each block of tests: a server without FUNCTION has no functions to flush',
  },
  {
    file: 'support/test.tcl',
    from: '                lappend details $::errorInfo\n            }\n            lappend ::tests_failed $details\n',
    to:
      '                lappend details $::errorInfo\n            }\n            lappend ::tests_failed $details\n' +
      '            if {[catch {r ping} pong] || $pong ne {PONG}} {catch {reconnect}}\n' +
      '            catch {foreach line [split [r client list] "\\n"] {\n' +
      '                if {[regexp {^id=([0-9]+) .* flags=[a-zA-Z]*b} $line - id]} {r client unblock $id}\n' +
      '            }}\n',
    why:
      'a test that failed inside of MULTI, or closed its connection, or left a client that waits, must not fail the ' +
      'ones after it',
  },
  {
    file: 'support/server.tcl',
    from: '            } else {\n                # Re-raise, let handler up',
    to: '                lappend ::servers [dict remove $srv client]\n            } else {\n                # Re-raise, let handler up',
    why: 'a block that broke off took the server of the block around it from the list as well, and ended the unit',
  },
  {
    file: 'support/server.tcl',
    from: '            if {!$assertion && $::durable} {\n',
    to:
      '            set inside 0\n' +
      whereInTest('set inside 1') +
      '            if {!$assertion && $::durable && !$inside} {\n',
    why: 'a test whose own server block broke off was said to be ok: the block kept the error to itself',
  },
  {
    file: 'support/server.tcl',
    from: '    append err [string trim $error]\n    send_data_packet $::test_server_fd err $err\n',
    to:
      '    append err [string trim $error]\n    send_data_packet $::test_server_fd err $err\n' +
      whereInTest('error "assertion:the server did not start"'),
    why: 'a test whose own server did not start was said to be ok: nothing of it had run',
  },
  {
    file: 'test_helper.tcl',
    from: '    dict set srv "client" $client\n',
    to: '    dict set srv "client" $client\n    lset ::servers end+$level $srv\n',
    why: 'a new connection that broke at once left its closed predecessor in the list, whose closing ended the unit',
  },
];

/** Fetches and unpacks the suite unless it is there, and returns the folder of its tests. */
export function getSuite() {
  needPrograms('redis-server', 'redis-cli', 'redis-benchmark', 'tclsh');
  const tests = join(SUITE, UPSTREAM, 'tests');
  const done = join(SUITE, UPSTREAM, '.ready');
  const changes = JSON.stringify(HARNESS_CHANGES);
  if (existsSync(done) && readFileSync(done, 'utf8') === changes) return tests;
  rmSync(join(SUITE, UPSTREAM), { recursive: true, force: true });
  const unpacked = fetchSource('redis', SUITE);
  if (unpacked !== UPSTREAM)
    throw new Missing(`the source package is ${unpacked}; the proof is written for ${UPSTREAM}`);
  for (const change of HARNESS_CHANGES) applyChange(tests, change);
  writeFileSync(done, changes);
  return tests;
}

/** The units in the order of the suite. */
export function unitsOf(tests) {
  const list = /set ::all_tests \{([^}]*)\}/.exec(readFileSync(join(tests, 'test_helper.tcl'), 'utf8'));
  if (!list) throw new Error('test_helper.tcl has no list of units');
  return list[1].trim().split(/\s+/);
}

/** Makes desk `number` anew and returns its folder, the working directory of the harness. */
export function layDesk(tests, number) {
  const desk = join(SUITE, `desk-${number}`);
  rmSync(desk, { recursive: true, force: true });
  mkdirSync(join(desk, 'tests/tmp'), { recursive: true });
  mkdirSync(join(desk, 'src'));
  for (const name of readdirSync(tests)) {
    if (name !== 'tmp') symlinkSync(join(tests, name), join(desk, 'tests', name));
  }
  for (const name of BINARIES) {
    const path = pathOf(name);
    if (path) symlinkSync(path, join(desk, 'src', name));
  }
  return desk;
}

function applyChange(tests, { file, from, to }) {
  const path = join(tests, file);
  const parts = readFileSync(path, 'utf8').split(from);
  if (parts.length !== 2) throw new Error(`${file}: the text to change is there ${parts.length - 1} times`);
  writeFileSync(path, parts.join(to));
}
