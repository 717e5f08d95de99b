/**
 * What an RDB file of ours opens with, how a new one is named, and how it comes to be the one that counts.
 *
 *   temp-<pid>.rdb ──▶ all of it ──▶ fsync ──▶ rename to dbfilename ──▶ fsync of the folder
 *
 * A crash between any two of these leaves the old file or the new one, never a part.
 */
import { REDIS_VERSION } from '../../base/version.js';
import { messageOf } from '../../base/host.js';
import type { Database } from '../../keyspace/keyspace.js';
import { eachKey } from '../../keyspace/scan.js';
import type { KeyWriter } from '../../persistence/key-writer.js';
import { RdbWriter } from '../../persistence/rdb-writer.js';
import type { Node } from '../node.js';

/** What is held of a file before it is written out. */
const PART_BYTES = 1024 * 1024;
const FOLDER = '.';
const NOTHING = new Uint8Array(0);

export type Aux = readonly (readonly [name: string, value: string])[];

/** Where a step of saving failed: redis names the calls of C in its log. */
type Step = 'open' | 'rdbSaveRio' | 'fsync' | 'rename' | 'fsyncFileDir';

export function tempName(pid: number): string {
  return `temp-${pid}.rdb`;
}

/** Facts of the server; of its place in the stream of changes, if it has one, so that it can go on there. */
export function auxOf(node: Node): Aux {
  const { history } = node.replication;
  const database = node.replication.savedDatabase;
  const place = database === null ? [] : streamAux(database, history.id, history.offset);
  return [...serverAux(node), ...place, ['aof-base', '0']];
}

/** Of the base of an append-only file: what follows it says where it stands. */
export function baseAux(node: Node): Aux {
  return [...serverAux(node), ['aof-base', '1']];
}

function serverAux(node: Node): Aux {
  return [
    ['redis-ver', REDIS_VERSION],
    ['redis-bits', '64'],
    ['ctime', String(Math.floor(node.host.wallMs() / 1000))],
    ['used-mem', String(node.memory.usedBytes())],
  ];
}

export function streamAux(database: number, id: string, offset: number): Aux {
  return [
    ['repl-stream-db', String(database)],
    ['repl-id', id],
    ['repl-offset', String(offset)],
  ];
}

/** A writer as the configuration wants it. */
export function writerFor({ config }: Node): RdbWriter {
  const { rdbcompression, rdbchecksum, maxmemoryPolicy } = config;
  const usage = maxmemoryPolicy.endsWith('lru') ? 'lru' : maxmemoryPolicy.endsWith('lfu') ? 'lfu' : 'none';
  return new RdbWriter({ compress: rdbcompression, checksum: rdbchecksum, usage });
}

/** SAVE: everything at once, while the server stands still. False where it failed, and the log says why. */
export function saveNow(node: Node): boolean {
  const { files } = node.host;
  const temp = tempName(node.host.process.pid);
  let step: Step = 'open';
  try {
    files.write(temp, NOTHING);
    step = 'rdbSaveRio';
    writeAll(node, writerFor(node), auxOf(node), (bytes) => files.append(temp, bytes));
    step = 'fsync';
    files.sync(temp);
  } catch (error) {
    return failed(node, temp, step, messageOf(error));
  }
  return moveIntoPlace(node, temp);
}

/** A complete and durable file becomes the one that is loaded at the next start. */
export function moveIntoPlace(node: Node, temp: string): boolean {
  const { files } = node.host;
  let step: Step = 'rename';
  try {
    files.rename(temp, node.config.dbfilename);
    step = 'fsyncFileDir';
    files.syncFolder(FOLDER);
  } catch (error) {
    return failed(node, temp, step, messageOf(error));
  }
  node.log('notice', 'DB saved on disk');
  return true;
}

/** Says what went wrong, and removes what is left. */
export function failed(node: Node, temp: string, step: Step, reason: string): false {
  const { dir, dbfilename } = node.config;
  const place = `(in server root dir ${dir})`;
  if (step === 'open') node.log('warning', `Failed opening the temp RDB file ${temp} ${place} for saving: ${reason}`);
  else if (step === 'rename')
    node.log('warning', `Error moving temp DB file ${temp} on the final destination ${dbfilename} ${place}: ${reason}`);
  else node.log('warning', `Write error saving DB on disk(${step}): ${reason}`);
  discard(node, temp);
  return false;
}

export function discard(node: Node, temp: string): void {
  try {
    node.host.files.remove(temp);
  } catch (error) {
    messageOf(error); // it stays behind, and harms nobody
  }
}

/** What stands in front of all keys: of the very moment that a snapshot shows. */
export function writeLibraries({ server }: Node, writer: KeyWriter): void {
  for (const { code } of server.libraries.all) writer.library(code);
}

/** Libraries, and all keys as they are, those included whose time has come and that nobody has met. */
export function writeAll(node: Node, writer: KeyWriter, aux: Aux, put: (bytes: Uint8Array) => void): void {
  const { engine, config } = node;
  let keys = 0;
  const entryOf =
    (db: Database) =>
    (e: number): void => {
      writer.entry(db, e);
      keys++;
      if (writer.pendingBytes >= PART_BYTES) put(writer.take());
    };
  engine.amongDead(() => {
    writer.begin(aux);
    writeLibraries(node, writer);
    for (let i = 0; i < engine.databaseCount; i++) {
      const db = engine.database(i);
      if (db.size === 0) continue;
      writer.selectDatabase(i, db.size, db.mortalCount);
      eachKey(db, entryOf(db));
    }
    writer.end();
  });
  put(writer.take());
  if (config.rdbKeySaveDelay > 0) node.server.machine.block((keys * config.rdbKeySaveDelay) / 1000);
}
