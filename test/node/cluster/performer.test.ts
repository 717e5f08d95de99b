/**
 * nodes.conf is put in place as a whole: wherever a crash comes, the old one is there or the new one.
 */
import { expect, test } from 'vitest';
import { FileError, type Files, type LogFile } from '../../../src/base/host.js';
import { type Consequences, type Links, Performer } from '../../../src/node/cluster/performer.js';
import type { Effect } from '../../../src/gossip/turn.js';
import { loneNode } from '../../gossip/stage/lone-node.js';
import { TestHost } from '../../support/lone-node.js';

/** What is done to files, in order; what `fails` names throws. */
class Diary implements Files {
  readonly lines: string[] = [];

  constructor(private readonly fails: string) {}

  private note(line: string): void {
    this.lines.push(line);
    if (line.startsWith(this.fails)) throw new FileError('ENOSPC', 'No space left on device');
  }
  read(): Uint8Array | null {
    return null;
  }
  readPart(): Uint8Array {
    return new Uint8Array(0);
  }
  size(): number | null {
    return null;
  }
  append(path: string): void {
    this.note(`append ${path}`);
  }
  write(path: string): void {
    this.note(`write ${path}`);
  }
  sync(path: string): void {
    this.note(`sync ${path}`);
  }
  rename(from: string, to: string): void {
    this.note(`rename ${from} ${to}`);
  }
  syncFolder(path: string): void {
    this.note(`sync folder ${path}`);
  }
  remove(path: string): void {
    this.note(`remove ${path}`);
  }
  lock(): boolean {
    return true;
  }
  truncate(path: string): void {
    this.note(`truncate ${path}`);
  }
  hasFolder(): boolean {
    return false;
  }
  makeFolder(path: string): void {
    this.note(`make folder ${path}`);
  }
  openLog(): LogFile {
    throw new Error('nodes.conf is no log');
  }
}

class DiaryHost extends TestHost {
  override readonly files: Diary;

  constructor(fails: string) {
    super();
    this.files = new Diary(fails);
  }
}

function performer({ path = 'nodes.conf', fails = 'nothing' } = {}) {
  const host = new DiaryHost(fails);
  const refusals: string[] = [];
  const nothing = (): void => {};
  const consequences: Consequences = {
    roleChanged: nothing,
    slotsLost: nothing,
    keysOutdated: nothing,
    stateChanged: nothing,
    writesPaused: nothing,
    writesResumed: nothing,
    offsetWanted: nothing,
    stepDone: nothing,
    published: nothing,
    saveFailed: (reason) => refusals.push(reason),
  };
  const links: Links = { connect: nothing, close: nothing, linkOf: () => null };
  return { performer: new Performer(host, path, consequences, links), diary: host.files.lines, refusals };
}

const save = (durable: boolean): Effect => ({ kind: 'Save', reasons: [], durable, state: loneNode(7001) });

const IN_PLACE = ['write nodes.conf.new', 'sync nodes.conf.new', 'rename nodes.conf.new nodes.conf', 'sync folder .'];

test('a durable save is a new file, synced and renamed, before the next effect', () => {
  const { performer: one, diary } = performer();
  one.perform([save(true), { kind: 'Answer', answer: { ok: true, text: 'OK' } }]);
  expect(diary).toEqual(IN_PLACE);
});

test('any other save waits for the tick, and is written once', () => {
  const { performer: one, diary } = performer();
  for (let i = 0; i < 5; i++) one.perform([save(false)]);
  expect(diary).toEqual([]);
  one.saveWhatWaits();
  one.saveWhatWaits();
  expect(diary).toEqual(IN_PLACE);
});

test.each([
  ['nodes.conf', 'sync folder .'],
  ['/data/7000/nodes.conf', 'sync folder /data/7000'],
  ['/nodes.conf', 'sync folder /'],
])('the folder of %s is synced', (path, line) => {
  const { performer: one, diary } = performer({ path });
  one.perform([save(true)]);
  expect(diary.at(-1)).toBe(line);
});

test.each(['write', 'sync nodes', 'rename', 'sync folder'])('a %s that fails is told, and ends there', (fails) => {
  const { performer: one, diary, refusals } = performer({ fails });
  one.perform([save(true)]);
  expect(refusals).toEqual(['No space left on device']);
  expect(diary.at(-1)).toContain(fails);
});
