/**
 * The toolbox, from arguments to an exit code: 0 done, 1 it did not work, 2 it was told wrongly.
 *
 * The commands are a table; each is a file beside this one, gets what it was told, and returns the exit code. What
 * people can put right is shown as its sentence alone; a mistake of this program keeps its stack.
 */
import { Trouble } from '../kit/trouble.js';
import { type CommandName, describeOptions, parseArguments, type Told, UsageError } from './arguments.js';
import { runCheckAof } from './aof/check-aof.js';
import { runCheckRdb } from './check-rdb.js';
import { runDoctor } from './doctor.js';
import { runDown } from './down.js';
import { runRdb } from './rdb.js';
import { runSim } from './sim.js';
import { runStatus } from './status.js';
import { Terminal } from './terminal.js';
import { runUp } from './up.js';

declare const SEXTET_VERSION: string; // put in by the build

type Run = (told: Told, terminal: Terminal, root: string) => Promise<number>;

// biome-ignore format: a table
const COMMANDS: readonly (readonly [CommandName, Run, string])[] = [
  ['up',        runUp,       'starts a cluster on this machine and stays in front; starts it again where one was'],
  ['status',    runStatus,   'shows the nodes, their roles and slots, and whether they agree'],
  ['down',      runDown,     'stops a cluster; its data stays'],
  ['doctor',    runDoctor,   'looks at running servers, Redis included, and says what is wrong and what to do: doctor [ADDRESS …]'],
  ['sim',       runSim,      'runs worlds of nodes in which things go wrong, and proves the rules; sim story [NAME] tells of one'],
  ['check-rdb', runCheckRdb, 'says what stands in an RDB file, and where the first damage is: check-rdb FILE'],
  ['check-aof', runCheckAof, 'says what stands in an append-only file, and where the first damage is: check-aof FILE or MANIFEST'],
  ['rdb',       runRdb,      'lists the keys of an RDB file with their sizes, and the largest ones: rdb FILE'],
];

/** Called by bin/sextet.js with the folder of the package. */
export async function main(root: string): Promise<void> {
  // Who reads may go before we have said all (`sextet status | head`): that is no reason to take the nodes along.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  process.exitCode = await runCommand(process.argv.slice(2), root);
}

async function runCommand(args: readonly string[], root: string): Promise<number> {
  const environment = args.includes('--no-color') ? { ...process.env, NO_COLOR: '1' } : process.env;
  const terminal = new Terminal(process.stdout, process.stderr, environment);
  const [name = '--help', ...rest] = args;
  const command = COMMANDS.find(([one]) => one === name);
  try {
    if (command) return await runOne(command, rest, terminal, root);
    return runWithoutCommand(name, terminal);
  } catch (error) {
    if (error instanceof UsageError) {
      terminal.note(`sextet: ${error.message}. "sextet ${command ? `${name} ` : ''}--help" shows what there is.`);
      return 2;
    }
    if (!(error instanceof Trouble)) throw error;
    terminal.note(`sextet: ${error.message}`);
    return 1;
  }
}

function runOne(
  [name, run, what]: (typeof COMMANDS)[number],
  args: string[],
  terminal: Terminal,
  root: string,
): Promise<number> {
  const told = parseArguments(name, args, process.env);
  if (!told.help) return run(told, terminal, root);
  terminal.say(`sextet ${name}: ${what}\n\n${describeOptions(name)}`);
  return Promise.resolve(0);
}

function runWithoutCommand(word: string, terminal: Terminal): number {
  if (word === '--version' || word === '-v') {
    terminal.say(`sextet ${SEXTET_VERSION}`);
    return 0;
  }
  if (!['--help', '-h', 'help'].includes(word)) throw new UsageError(`there is no command "${word}"`);
  const width = Math.max(...COMMANDS.map(([name]) => name.length));
  const lines = COMMANDS.map(([name, , what]) => `  ${name.padEnd(width)}  ${what}`);
  terminal.say(
    `sextet: a Redis Cluster in TypeScript\n\n${lines.join('\n')}\n\nsextet <command> --help tells the options of each.`,
  );
  return 0;
}
