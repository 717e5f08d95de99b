/**
 * The docs rows of commands, and the notation of their syntax column.
 *
 *   key#0 value condition(NX | XX)?@2.6.12 GET?@6.2.0 expiration(EX=seconds:integer | KEEPTTL@6.0.0)?
 *
 *   value               an argument, a string        seconds:integer     one of another type
 *   key#0               a key, of key spec 0         EX=seconds:integer  the word EX, then the argument
 *   NX                  just the word NX             CH!change           just the word CH, named otherwise than `ch`
 *                                                    ""!nothing          just an empty argument
 *   where(MIN | MAX)    one of these                 range{min max}      all of these, in this order
 *
 *   behind any of them: ? optional · * repeated · + repeated with its word · @6.2.0 since · <2.8.12 gone out of use
 *
 * Nothing of it is read before the first client asks for docs: a docs table is a function, and a syntax is parsed each
 * time it is printed.
 */

export interface DocExtras {
  /** Since when it can do what: version, words. */
  readonly history?: readonly (readonly [since: string, change: string])[];
  /** Out of use since a version, replaced by something else. */
  readonly deprecated?: readonly [since: string, replacedBy: string];
  /** Made for the server's own use. */
  readonly system?: true;
  /** Hints for proxies and clients, as they are printed. */
  readonly tips?: string;
  /** A note on the first key spec. */
  readonly keyNote?: string;
}

export type DocRow = readonly [name: string, complexity: string, syntax: string, extras?: DocExtras];

export type ArgumentType =
  | 'string'
  | 'integer'
  | 'double'
  | 'key'
  | 'pattern'
  | 'unix-time'
  | 'pure-token'
  | 'oneof'
  | 'block';

export interface Argument {
  name: string;
  type: ArgumentType;
  /** -1 = none. */
  keySpec: number;
  token: string;
  since: string;
  deprecatedSince: string;
  flags: ('optional' | 'multiple' | 'multiple_token')[];
  parts: Argument[];
}

const NAME = '[^\\s=!(){}|?*+@<#]+';
const END = '(?=[\\s(){}|?*+@<]|$)';
const TYPES: readonly ArgumentType[] = ['string', 'integer', 'double', 'pattern', 'unix-time'];

/** An argument up to its bracket or its marks: [TOKEN=]name[:type][#spec], or one word in capitals. */
const HEAD = new RegExp(`(?:(${NAME})=)?(${NAME}?)(?::(${TYPES.join('|')}))?(?:#(\\d))?${END}`, 'y');
/** A word named otherwise: TOKEN!name. */
const WORD = new RegExp(`(${NAME})!(${NAME})${END}`, 'y');
/** An empty argument, where a word is meant. */
const EMPTY = '""';
const MARK = /([?*+])|@([\d.]+)|<([\d.]+)/y;

export function parseSyntax(text: string): Argument[] {
  return new SyntaxReader(text).readAll();
}

class SyntaxReader {
  private at = 0;
  constructor(private readonly text: string) {}

  readAll(): Argument[] {
    const all = this.readList('');
    if (this.at < this.text.length) throw this.unreadable();
    return all;
  }

  /** Arguments up to the closing bracket, which is read as well. */
  private readList(close: string): Argument[] {
    const list: Argument[] = [];
    while (this.at < this.text.length && this.text[this.at] !== close) {
      list.push(this.readArgument());
      while (this.text[this.at] === ' ' || this.text[this.at] === '|') this.at++;
    }
    if (close !== '' && this.text[this.at++] !== close) throw this.unreadable();
    return list;
  }

  private readArgument(): Argument {
    const argument = this.readHead();
    const open = this.text[this.at];
    if (open === '(' || open === '{') {
      this.at++;
      argument.type = open === '(' ? 'oneof' : 'block';
      argument.parts = this.readList(open === '(' ? ')' : '}');
    }
    for (let mark = this.match(MARK); mark !== null; mark = this.match(MARK)) this.addMark(argument, mark);
    return argument;
  }

  private addMark(argument: Argument, [, sign, since, deprecatedSince]: RegExpExecArray): void {
    if (sign !== undefined)
      argument.flags.push(sign === '?' ? 'optional' : sign === '*' ? 'multiple' : 'multiple_token');
    argument.since = since ?? argument.since;
    argument.deprecatedSince = deprecatedSince ?? argument.deprecatedSince;
  }

  private readHead(): Argument {
    const word = this.match(WORD);
    if (word !== null) return leaf(word[2], 'pure-token', word[1] === EMPTY ? '' : word[1]);
    const head = this.match(HEAD);
    if (head === null) throw this.unreadable();
    const [, token, name, type, keySpec] = head;
    if (type === undefined && token === undefined && keySpec === undefined && isCapital(name))
      return leaf(name.toLowerCase(), 'pure-token', name);
    const argument = leaf(name, keySpec === undefined ? 'string' : 'key', token ?? '');
    if (keySpec !== undefined) argument.keySpec = Number(keySpec);
    argument.type = TYPES.find((known) => known === type) ?? argument.type;
    return argument;
  }

  private match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found !== null) this.at += found[0].length;
    return found;
  }

  private unreadable(): Error {
    return new Error(`cannot read '${this.text.slice(this.at)}' in the syntax '${this.text}'`);
  }
}

function leaf(name: string, type: ArgumentType, token: string): Argument {
  return { name, type, keySpec: -1, token, since: '', deprecatedSince: '', flags: [], parts: [] };
}

function isCapital(name: string): boolean {
  return name === name.toUpperCase() && name !== name.toLowerCase();
}
