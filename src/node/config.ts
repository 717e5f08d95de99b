/**
 * The configuration of one node: what its file, its command line and CONFIG SET made of the table's defaults.
 *
 *   file, argv ──▶ config/load.ts ──┐                       ┌──▶ config.maxmemory …   plain fields, for hot readers
 *                                   ├──▶ settings by name ──┼──▶ CONFIG GET           show()
 *   CONFIG SET ──▶ change() ────────┘                       └──▶ CONFIG REWRITE       config/rewrite.ts
 *
 * The fields follow from the table (`ConfigFields`), are kept in step with every change, and are never written from
 * outside. `change` is all or nothing: the new values are put in place, then the node's hooks act on them; whatever is
 * refused, the old values come back.
 */
import { ERRORS } from '../base/errors.js';
import { Glob } from '../base/glob.js';
import { makeDirectives } from './config/directives.js';
import { byteString, cText, type Directive, pathOf, type Reading, type Taken } from './config/setting.js';
import type { ConfigWorld } from './config/world.js';
import type { Act } from './config-table.js';
import type { ConfigFields } from './config/fields.js';

/** Acts on the new values; null, or why that cannot be. Runs again with the old values if a later hook refuses. */
export type ConfigHook = () => string | null;

export interface ChangeRights {
  /** The client sits on this machine, which `enable-protected-configs local` asks. */
  readonly isLocal: boolean;
  /** A data set is being loaded. */
  readonly isLoading: boolean;
}

/** `log`: warnings for the log. `error`: the reply, without the dash. */
export type Change =
  | { ok: true; changed: readonly string[]; log: readonly string[] }
  | { ok: false; error: string; log: readonly string[] };

type Pair = { directive: Directive; value: string };
type Refusal = { ok: false; error: string; log: string[] };

/** Gives the class its fields as a type; the constructor below gives them their values. */
const Fields = class {} as new () => ConfigFields;

export class Config extends Fields {
  /** The file that CONFIG REWRITE writes, with its whole path. */
  file: string | null = null;
  /** Lines of the file that are no directives of the table, kept for those whose business they are. */
  readonly users: (readonly string[])[] = [];
  readonly modules: (readonly string[])[] = [];
  readonly moduleSettings: (readonly string[])[] = [];
  readonly renamedCommands: (readonly [from: string, to: string])[] = [];

  private readonly directives: ReadonlyMap<string, Directive>;
  private readonly hooks = new Map<Act, ConfigHook>();
  private readonly mirrors: (() => void)[] = [];
  private readonly listeners: ((names: readonly string[]) => void)[] = [];

  constructor(world: Pick<ConfigWorld, 'folder' | 'enter'>) {
    super();
    this.directives = makeDirectives({
      folder: () => byteString(world.folder()),
      enter: (folder) => world.enter(pathOf(folder)),
    });
    const fields: PropertyDescriptorMap = {};
    for (const { field, setting } of this.directives.values())
      fields[field] = { value: setting.field(), writable: true, enumerable: true };
    Object.defineProperties(this, fields); // in one go: 180 fields added one by one would make this a slow object
  }

  /** The node acts on a change of every directive that names `act`. */
  onAct(act: Act, hook: ConfigHook): void {
    this.hooks.set(act, hook);
  }

  /** Hears the names of all values that a CONFIG SET changed, once it has succeeded. */
  onChange(listener: (names: readonly string[]) => void): void {
    this.listeners.push(listener);
  }

  /** Keeps fields of the same name in another object in step: for folders below, which do not know this one. */
  mirror<Name extends keyof ConfigFields>(target: { [N in Name]: ConfigFields[N] }, names: readonly Name[]): void {
    const copy = (): void => {
      for (const name of names) target[name] = this[name];
    };
    copy();
    this.mirrors.push(copy);
  }

  find(name: string): Directive | undefined {
    return this.directives.get(name.toLowerCase());
  }

  /** Whether what follows this name must not be shown in a log. */
  isSecret(name: string): boolean {
    return this.find(name)?.secret ?? false;
  }

  /** Every directive under its present name. */
  *all(): Generator<Directive> {
    for (const [name, directive] of this.directives) if (directive.row[0] === name) yield directive;
  }

  /** Takes a value, and keeps the field in step. */
  take(directive: Directive, args: readonly string[], reading: Reading): Taken {
    const taken = directive.setting.take(args, reading);
    Reflect.set(this, directive.field, directive.setting.field());
    return taken;
  }

  /** What CONFIG GET answers: names and values. A plain name is answered as it was asked. */
  show(patterns: readonly string[]): [name: string, value: string][] {
    const found = new Map<string, [string, string]>();
    for (const whole of patterns) {
      const pattern = cText(whole);
      const isPattern = pattern.includes('*') || pattern.includes('?') || pattern.includes('[');
      const exact = isPattern ? undefined : this.find(whole);
      const key = pattern.toLowerCase();
      if (exact !== undefined && !found.has(key)) found.set(key, [pattern, exact.setting.text()]);
      if (isPattern) this.showMatching(key, found);
    }
    return [...found.values()];
  }

  private showMatching(pattern: string, found: Map<string, [string, string]>): void {
    const glob = new Glob(Buffer.from(pattern, 'latin1'));
    for (const [name, { hidden, setting }] of this.directives)
      if (!hidden && !found.has(name) && glob.matches(Buffer.from(name))) found.set(name, [name, setting.text()]);
  }

  /** CONFIG SET name value name value …; `texts` has an even number of entries. */
  change(texts: readonly string[], rights: ChangeRights): Change {
    const pairs = this.pairsOf(texts, rights);
    if (!Array.isArray(pairs)) return pairs;
    const log: string[] = [];
    const before = pairs.map(({ directive }) => directive.setting.remember());
    const acts = new Map<Act, Directive>();
    const changed: string[] = [];
    for (const { directive, value } of pairs) {
      const taken = this.take(directive, directive.severalArgs ? splitAtSpaces(value) : [value], { inFile: false });
      if (!taken.ok) {
        this.putBack(pairs, before);
        return failed(directive.name, taken.error, log);
      }
      if (taken.note !== undefined) log.push(taken.note);
      if (!taken.changed) continue;
      changed.push(directive.row[0]);
      if (directive.act !== '' && !acts.has(directive.act)) acts.set(directive.act, directive);
    }
    for (const mirror of this.mirrors) mirror();
    const refusal = this.act(acts, log);
    if (refusal === null) {
      for (const listener of this.listeners) listener(changed);
      return { ok: true, changed, log };
    }
    this.putBack(pairs, before);
    for (const act of acts.keys()) {
      const wrong = this.hooks.get(act)?.() ?? null;
      if (wrong !== null) log.push(`Failed applying restored failed CONFIG SET command: ${wrong}`);
    }
    return refusal;
  }

  private act(acts: ReadonlyMap<Act, Directive>, log: string[]): Refusal | null {
    for (const [act, { name }] of acts) {
      const wrong = this.hooks.get(act)?.() ?? null;
      if (wrong === null) continue;
      const whose = `Possibly related to new ${name} setting.`;
      log.push(`Failed applying new configuration. ${whose} Restoring previous settings.`);
      return failed(name, wrong, log);
    }
    return null;
  }

  private putBack(pairs: readonly Pair[], before: readonly (() => void)[]): void {
    for (const back of before) back();
    for (const { directive } of pairs) Reflect.set(this, directive.field, directive.setting.field());
    for (const mirror of this.mirrors) mirror();
  }

  /** The directives meant, or the first thing that is wrong with one of them. */
  private pairsOf(texts: readonly string[], rights: ChangeRights): Pair[] | Refusal {
    const pairs: Pair[] = [];
    for (let i = 0; i < texts.length; i += 2) {
      const directive = this.find(texts[i]!);
      const name = cText(texts[i]!);
      if (directive === undefined)
        return refusal(`ERR Unknown option or number of arguments for CONFIG SET - '${name}'`, []);
      if (!directive.live) return failed(name, "can't set immutable config", []);
      if (directive.protected && !this.allowsProtected(rights)) return failed(name, "can't set protected config", []);
      if (directive.busy && rights.isLoading) return refusal(ERRORS.LOADING, []);
      if (pairs.some((pair) => pair.directive === directive)) return failed(name, 'duplicate parameter', []);
      pairs.push({ directive, value: texts[i + 1]! });
    }
    return pairs;
  }

  private allowsProtected(rights: ChangeRights): boolean {
    return this.enableProtectedConfigs === 'yes' || (this.enableProtectedConfigs === 'local' && rights.isLocal);
  }
}

function refusal(error: string, log: string[]): Refusal {
  return { ok: false, error, log };
}

function failed(name: string, why: string, log: string[]): Refusal {
  return refusal(`ERR CONFIG SET failed (possibly related to argument '${name}') - ${why}`, log);
}

/** At every single space, as CONFIG SET does it: quotes mean nothing here. */
function splitAtSpaces(value: string): string[] {
  return value === '' ? [] : value.split(' ');
}
