/**
 * Random requests out of a grammar: one line says what a command may look like, and each pass through it is a request.
 *
 *   SET string value (NX | XX | KEEPTTL | EX time)*
 *    │    │             └ one of these, `*`: up to three times, `+`: at least once, `?`: at most once
 *    │    └ lower case: a word of that pool, if there is one
 *    └ all else: itself
 *
 * A few requests are then spoilt: an argument is missing, strange, said twice, or in another case.
 */
import { seeded } from '../../golden/chance.mjs';

/** One request in so many is spoilt. */
const SPOILT = 12;
const MOST_REPEATS = 3;
/** SPOP without its count leaves to chance what is there from then on, and what the others list has another order. */
const MAY_NOT_BE_SPOILT = new Set(['SPOP', 'COMMAND', 'CONFIG', 'SLOWLOG']);

export class Random {
  constructor(seed) {
    this.chance = seeded(seed);
  }

  below(end) {
    return Math.floor(this.chance() * end);
  }

  pick(items) {
    return items[this.below(items.length)];
  }
}

/** A line as a tree: `all` in order, `one` of them, `some` times, a `pool`, a `word`. */
export function parseLine(line) {
  const tokens = line.match(/[()|]|[^\s()|]+/g);
  let at = 0;
  const many = (node) => {
    const match = /^[*+?]/.exec(tokens[at] ?? '');
    if (match === null || tokens[at - 1] !== ')') return node;
    at++;
    return { kind: 'some', node, sign: match[0] };
  };
  const row = () => {
    const nodes = [];
    while (at < tokens.length && tokens[at] !== '|' && tokens[at] !== ')') nodes.push(item());
    return { kind: 'all', nodes };
  };
  const choice = () => {
    const nodes = [row()];
    while (tokens[at] === '|') {
      at++;
      nodes.push(row());
    }
    return nodes.length === 1 ? nodes[0] : { kind: 'one', nodes };
  };
  const item = () => {
    const token = tokens[at++];
    if (token === '(') {
      const node = choice();
      at++;
      return many(node);
    }
    const match = /^([a-z]+)([*+?]?)$/.exec(token);
    if (match === null) return { kind: 'word', word: token };
    const pool = { kind: 'pool', name: match[1] };
    return match[2] === '' ? pool : { kind: 'some', node: pool, sign: match[2] };
  };
  return choice();
}

/** Appends what a node stands for; `pools` has a maker for each name. */
function expand(node, random, pools, args) {
  if (node.kind === 'word') args.push(Buffer.from(node.word));
  else if (node.kind === 'pool') args.push(pools[node.name]?.(random) ?? Buffer.from(node.name));
  else if (node.kind === 'all') for (const part of node.nodes) expand(part, random, pools, args);
  else if (node.kind === 'one') expand(random.pick(node.nodes), random, pools, args);
  else for (let n = timesOf(node.sign, random); n > 0; n--) expand(node.node, random, pools, args);
}

function timesOf(sign, random) {
  if (sign === '?') return random.below(2);
  const least = sign === '+' ? 1 : 0;
  return sign === '+' && random.below(40) === 0 ? 150 : least + random.below(MOST_REPEATS + 1 - least);
}

/** One request: a list of buffers. */
export function makeRequest(tree, random, pools) {
  const args = [];
  expand(tree, random, pools, args);
  if (random.below(SPOILT) === 0 && !MAY_NOT_BE_SPOILT.has(args[0].toString())) spoil(args, random, pools);
  return args;
}

function spoil(args, random, pools) {
  const at = 1 + random.below(args.length);
  const odd = mayWait(args) ? () => Buffer.from('x') : () => pools.odd(random);
  const ways = [
    () => args.splice(at, 1),
    () => args.splice(at, 0, odd()),
    () => at < args.length && args.splice(at, 1, odd()),
    () => at < args.length && args.push(args[at]),
    () => at < args.length && args.splice(at, 1, Buffer.from(args[at].toString('latin1').toLowerCase(), 'latin1')),
  ];
  random.pick(ways)();
}

/** What waits must not wait for long: its arguments do not become numbers. */
function mayWait([name]) {
  return name[0] === 'B'.charCodeAt(0) || name.equals(Buffer.from('WAIT'));
}
