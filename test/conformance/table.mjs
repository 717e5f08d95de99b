/** What a person reads of a run: one line a unit, with the real server's count beside, and the failures by unit. */

/** @param {Map<string, number>} real the names that pass with redis-server */
export function printTable(results, real) {
  const realCount = new Map();
  for (const [name, times] of real) {
    const unit = name.slice(0, name.indexOf(' :: '));
    realCount.set(unit, (realCount.get(unit) ?? 0) + times);
  }
  console.log(`${'unit'.padEnd(40)} passed  failed  skipped   real  seconds`);
  let [passed, failed, skipped, beside] = [0, 0, 0, 0];
  for (const result of results) {
    const count = realCount.get(result.unit) ?? 0;
    const cells = [result.passed.length, result.failed.length, result.skipped.length, count];
    console.log(
      row(result.unit, cells, result.seconds) + (result.ending ? `  ${result.ending.split('\n')[0].slice(0, 90)}` : ''),
    );
    passed += cells[0];
    failed += cells[1];
    skipped += cells[2];
    beside += cells[3];
  }
  const seconds = results.reduce((sum, result) => sum + result.seconds, 0);
  console.log(row('all', [passed, failed, skipped, beside], seconds));
}

export function printFailures(results) {
  for (const result of results) {
    for (const { name, why } of result.failed) {
      console.log(`\n${result.unit} :: ${name}\n    ${why.trim().split('\n').slice(0, 4).join('\n    ')}`);
    }
    if (result.ending) console.log(`\n${result.unit} :: ${result.ending}`);
  }
}

/** The failures by what they have in common: an unknown command explains many tests at once. */
export function printCauses(results) {
  const causes = new Map();
  for (const result of results) {
    for (const { name, why } of result.failed) {
      const cause = causeOf(why);
      causes.set(cause, [...(causes.get(cause) ?? []), `${result.unit} :: ${name}`]);
    }
  }
  for (const [cause, names] of [...causes].sort((a, b) => b[1].length - a[1].length)) {
    console.log(`\n${String(names.length).padStart(5)}  ${cause}`);
    for (const name of names.slice(0, 8)) console.log(`       ${name}`);
    if (names.length > 8) console.log(`       and ${names.length - 8} more`);
  }
}

function causeOf(why) {
  const unknown = /unknown (command|subcommand) '?([^' ,]+)/i.exec(why);
  if (unknown) return `unknown ${unknown[1]} ${unknown[2].toUpperCase()}`;
  return why.trim().split('\n')[0].slice(0, 160);
}

function row(unit, [passed, failed, skipped, real], seconds) {
  const cells = [passed, failed].map((count) => String(count).padStart(7)).join(' ');
  const rest = `${String(skipped).padStart(8)} ${String(real).padStart(6)} ${seconds.toFixed(1).padStart(8)}`;
  return `${unit.padEnd(40)}${cells} ${rest}`;
}
