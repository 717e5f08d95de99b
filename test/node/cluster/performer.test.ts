/**
 * nodes.conf is put in place as a whole: wherever a crash comes, the old one is there or the new one.
 */
import { expect, test } from 'vitest';
import { FileError, type Files, type LogFile } from '../../../src/base/host.js';
import type { Care, Effect } from '../../../src/gossip/turn.js';
import { NodesFile } from '../../../src/node/cluster/nodes-file.js';
import { type Consequences, type Links, Performer } from '../../../src/node/cluster/performer.js';
import { loneNode } from '../../gossip/stage/lone-node.js';
import { TestHost } from '../../support/lone-node.js';

/** What is done to files, in order; what `fails` names throws. */
class Diary implements Files {
  readonly lines: string[] = [];
  syncMs = 0;

  constructor(
    private readonly host: TestHost,
    private readonly fails: string,
  ) {}

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
    this.host.nowMs += this.syncMs;
    this.note(`sync ${path}`);
  }
  rename(from: string, to: string): void {
    this.note(`rename ${from} ${to}`);
  }
  syncFolder(path: string): void {
    this.host.nowMs += this.syncMs;
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
    this.files = new Diary(this, fails);
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
    writesPaused: nothing,
    writesResumed: nothing,
    offsetWanted: nothing,
    stepDone: nothing,
    published: nothing,
    saveFailed: (reason) => refusals.push(reason),
  };
  const links: Links = { connect: nothing, close: nothing, linkOf: () => null };
  const file = new NodesFile(host, path);
  return { performer: new Performer(host, file, consequences, links), host, diary: host.files.lines, refusals };
}

const save = (care: Care): Effect => ({ kind: 'Save', reasons: [], care, state: loneNode(7001) });

const WRITTEN = ['write nodes.conf.part', 'rename nodes.conf.part nodes.conf.new'];
const PUT_IN_PLACE = ['sync nodes.conf.new', 'rename nodes.conf.new nodes.conf', 'sync folder .'];

test('a durable save is a new file, synced and renamed, before the next effect', () => {
  const { performer: one, diary } = performer();
  one.perform([save('durable'), { kind: 'Answer', answer: { ok: true, text: 'OK' } }]);
  expect(diary).toEqual([...WRITTEN, ...PUT_IN_PLACE]);
});

test('what is to be written is written at once, and put in place on the tick', () => {
  const { performer: one, diary } = performer();
  one.perform([save('written')]);
  one.perform([save('written')]);
  expect(diary).toEqual([...WRITTEN, ...WRITTEN]);
  one.tick();
  one.tick();
  expect(diary).toEqual([...WRITTEN, ...WRITTEN, ...PUT_IN_PLACE]);
});

test('any other save waits for the tick, and is written once', () => {
  const { performer: one, diary } = performer();
  for (let i = 0; i < 5; i++) one.perform([save('soon')]);
  expect(diary).toEqual([]);
  one.tick();
  one.tick();
  expect(diary).toEqual([...WRITTEN, ...PUT_IN_PLACE]);
});

test('a slow disk rests between two syncs that can wait, not before one that cannot, nor at the end', () => {
  const { performer: one, host, diary } = performer();
  host.files.syncMs = 30;
  one.perform([save('durable')]); // 60 ms: the next in 1200
  diary.length = 0;
  one.perform([save('written')]);
  host.nowMs += 1199;
  one.tick();
  expect(diary).toEqual(WRITTEN);
  host.nowMs += 1;
  one.tick();
  expect(diary).toEqual([...WRITTEN, ...PUT_IN_PLACE]);
  one.perform([save('durable')]);
  one.perform([save('soon')]);
  one.finish();
  expect(diary.slice(5)).toEqual([...WRITTEN, ...PUT_IN_PLACE, ...WRITTEN, ...PUT_IN_PLACE]);
});

test.each([
  ['nodes.conf', 'sync folder .'],
  ['/data/7000/nodes.conf', 'sync folder /data/7000'],
  ['/nodes.conf', 'sync folder /'],
])('the folder of %s is synced', (path, line) => {
  const { performer: one, diary } = performer({ path });
  one.perform([save('durable')]);
  expect(diary.at(-1)).toBe(line);
});

test.each(['write', 'sync nodes', 'rename', 'sync folder'])('a %s that fails is told, and ends there', (fails) => {
  const { performer: one, diary, refusals } = performer({ fails });
  one.perform([save('durable')]);
  expect(refusals).toEqual(['No space left on device']);
  expect(diary.at(-1)).toContain(fails);
});
