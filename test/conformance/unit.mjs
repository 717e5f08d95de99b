/**
 * Runs one unit of the suite against one server, and reads what the harness says.
 *
 *    [ok]: SET and GET an item (1 ms)            passed
 *    [err]: DEL all keys in tests/unit/…         failed; the lines below say why, up to the next bracket
 *    [exception]: Executing test client: …       the unit ended here
 *    [skip]: …   [ignore]: …                     not run: in the skip list, or tagged as not for this mode
 *
 * `--durable` makes an exception inside a test a failure of that test, so that one unknown command does not end the
 * unit. A unit that says nothing more until its time is over is ended with all its processes.
 */
import { runTcl } from './harness.mjs';

/**
 * `port` 0: the harness starts its servers itself, from `basePort` on. `skip` are names the harness leaves out, `flags`
 * more words for it.
 * @returns {Promise<{ passed: string[], failed: { name: string, why: string }[], skipped: string[], ignored: string[],
 *   ending: string, seconds: number }>}
 */
export async function runUnit({ desk, unit, port, basePort, limitMs, skip, flags }) {
  const args = ['tests/test_helper.tcl', '--single', unit, '--durable'];
  if (port !== 0) args.push('--host', '127.0.0.1', '--port', String(port));
  args.push('--baseport', String(basePort), '--timeout', String(Math.ceil(limitMs / 1000)), ...flags);
  for (const name of skip) args.push('--skiptest', name);
  const env = { ...process.env, TERM: 'dumb', LC_ALL: 'C.UTF-8' };
  const { text, timedOut, seconds } = await runTcl(args, { cwd: desk, env, limitMs });
  const heard = readOutput(text);
  if (timedOut) heard.ending = `stopped after ${Math.round(limitMs / 1000)} s, last test: ${heard.last}`;
  return { ...heard, seconds };
}

/** What the harness printed, as lists of names. */
export function readOutput(text) {
  const heard = { passed: [], failed: [], skipped: [], ignored: [], ending: '', last: 'none' };
  let failure = null;
  let isWhole = false;
  for (const line of text.split('\n')) {
    const mark = /^\[(ok|err|skip|ignore|exception|TIMEOUT)\]: (.*)$/.exec(line);
    if (line.includes('The End')) isWhole = true;
    if (line.startsWith('*** [err]')) break; // the summary repeats what was said
    if (!mark) {
      if (/^\[[0-9a-z/ ]+\]:/i.test(line) || isWhole) failure = null;
      if (failure) failure.why += `${line}\n`;
      continue;
    }
    failure = null;
    const [, kind, rest] = mark;
    if (kind === 'ok') heard.passed.push((heard.last = rest.replace(/ \(\d+ ms\)$/, '')));
    else if (kind === 'skip') heard.skipped.push(rest);
    else if (kind === 'ignore') heard.ignored.push(rest);
    else if (kind === 'err') heard.failed.push((failure = { name: rest.replace(/ in tests\/\S+\.tcl$/, ''), why: '' }));
    else heard.ending = failure ? heard.ending : (heard.ending = `${kind}: ${rest}`);
    if (kind === 'err') heard.last = failure.name;
  }
  if (!isWhole && heard.ending === '') heard.ending = 'ended without a word';
  return heard;
}

/** The same of `./runtest-cluster`: lines `12:01:02> name: OK`, where what a check prints may stand before the OK. */
export function readInstances(text) {
  const passed = [];
  const failed = [];
  let open = null;
  for (const raw of text.split('\n')) {
    const line = raw.replace(/\u001b\[[0-9;]*m/g, '');
    const began = /^\d\d:\d\d:\d\d> (.*?): ?(.*)$/.exec(line);
    if (began) open = { name: nameOf(line), why: '' };
    if (open === null && !/FAILED|Crash report|runtime error/.test(line)) continue;
    if (/(^|: |\s)OK$/.test(line) && open !== null) {
      passed.push(open.name);
      open = null;
    } else if (/FAILED|Crash report|runtime error/.test(line)) {
      failed.push({ name: open?.name ?? 'outside of a check', why: line });
      open = null;
    } else if (open !== null) open.why += `${line}\n`;
  }
  if (open !== null) failed.push({ name: open.name, why: `ended within it: ${open.why.slice(-600)}` });
  return { passed, failed };
}

/** Names hold colons and what a check prints follows its name: the name ends at the last `: ` in front of that. */
function nameOf(line) {
  const rest = line.slice('12:01:02> '.length).replace(/: OK$/, ': ');
  const at = rest.indexOf(': ');
  return (at < 0 ? rest : rest.slice(0, at)).trim();
}
