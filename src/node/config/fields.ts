/**
 * The values of a configuration as the rest of the program reads them: `config.maxmemory`, `config.appendfsync`.
 *
 * Names and types follow from the table: a row ['hz', 'signed', …] makes a field `hz: number`, a row of words a field
 * of just these words. Only the types of special directives are written out here.
 */
import type { DIRECTIVES } from '../config-table.js';

type Row = (typeof DIRECTIVES)[number];

/** `hash-max-listpack-entries` is `hashMaxListpackEntries`. */
type Camel<S extends string> = S extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail>>}`
  : S extends `${infer Head}_${infer Tail}`
    ? `${Head}${Capitalize<Camel<Tail>>}`
    : S;

/** The first `changes` writes within `seconds` ask for a snapshot. */
export interface SavePoint {
  readonly seconds: number;
  readonly changes: number;
}

/** Unread bytes that close a client: above `hard` at once, above `soft` after `softSeconds`. 0 is no limit. */
export interface OutputLimit {
  readonly hard: number;
  readonly soft: number;
  readonly softSeconds: number;
}

export type ClientClass = 'normal' | 'replica' | 'pubsub';

export interface SpecialFields {
  readonly bind: readonly string[];
  readonly 'client-output-buffer-limit': Readonly<Record<ClientClass, OutputLimit>>;
  readonly dir: string;
  readonly 'latency-tracking-info-percentiles': readonly number[];
  /** Bits as in `NOTIFY_BITS`; 0 = nothing is published. */
  readonly 'notify-keyspace-events': number;
  readonly 'oom-score-adj-values': readonly number[];
  readonly replicaof: { readonly host: string; readonly port: number } | null;
  readonly save: readonly SavePoint[];
}

type Field<R extends Row> = R[1] extends 'yes/no'
  ? boolean
  : R[1] extends 'one of'
    ? R[3] extends readonly (infer Word)[]
      ? Word
      : never
    : R[1] extends 'some of'
      ? readonly string[]
      : R[1] extends 'special' | 'special list'
        ? R[0] extends keyof SpecialFields
          ? SpecialFields[R[0]]
          : never
        : R[1] extends 'text' | 'text or none' | 'bytes or none'
          ? string
          : number;

export type ConfigFields = { readonly [R in Row as Camel<R[0]>]: Field<R> };
