/**
 * The handshake of a replica: what the primary says, and what we do about it.
 *
 * A story is told in short words: `>` what we send, `<` what we hear, in between what is done.
 */
import { describe, expect, test } from 'vitest';
import { type FollowEffect, type FollowEvent, Follower, type FollowerFacts } from '../../src/replication/replica.js';

const ID = 'a'.repeat(40);
const NEW_ID = 'b'.repeat(40);

const FACTS: FollowerFacts = {
  listeningPort: 7001,
  announcedAddress: '',
  user: '',
  password: '',
  timeoutMs: 60_000,
  resume: null,
};

class Story {
  readonly follower: Follower;
  now = 0;

  constructor(facts: Partial<FollowerFacts> = {}) {
    this.follower = new Follower(() => ({ ...FACTS, ...facts }));
  }

  /** What is done about an event, but for the notices of the log. */
  on(event: FollowEvent): string[] {
    return this.follower
      .step(event, this.now)
      .filter((effect) => effect.kind !== 'Log' || effect.level === 'warning')
      .flatMap(wordsOf);
  }

  log(event: FollowEvent): string[] {
    return this.follower.step(event, this.now).flatMap((effect) => (effect.kind === 'Log' ? [effect.text] : []));
  }

  hear(...lines: readonly string[]): string[] {
    return lines.flatMap((line) => this.on({ kind: 'Reply', line }));
  }

  follow(): string[] {
    return this.on({ kind: 'Follow', host: '10.0.0.1', port: 7000, isHandover: false });
  }

  /** As far as PSYNC. */
  reachPsync(): this {
    this.follow();
    this.on({ kind: 'Up' });
    this.hear('+PONG', '+OK', '+OK');
    return this;
  }
}

function wordsOf(effect: FollowEffect): string[] {
  switch (effect.kind) {
    case 'Send':
      return effect.requests.map((words) => `> ${words.join(' ')}`);
    case 'Connect':
      return [`connect ${effect.host}:${effect.port}`];
    case 'Transfer':
      return [`transfer ${effect.id} ${effect.offset}`];
    case 'Resume':
      return [`resume ${effect.id}`];
    case 'HandedOver':
      return [`handed over: ${effect.accepted}`];
    case 'Log':
      return [`! ${effect.text}`];
    default:
      return [effect.kind.toLowerCase()];
  }
}

describe('a full sync', () => {
  test('without a password', () => {
    const story = new Story();
    expect(story.follow()).toEqual(['connect 10.0.0.1:7000']);
    expect(story.on({ kind: 'Up' })).toEqual(['> PING']);
    expect(story.hear('+PONG')).toEqual(['> REPLCONF listening-port 7001', '> REPLCONF capa eof capa psync2']);
    expect(story.hear('+OK', '+OK')).toEqual(['> PSYNC ? -1']);
    expect(story.hear('', '', `+FULLRESYNC ${ID} 1234`)).toEqual([`transfer ${ID} 1234`]);
    expect(story.on({ kind: 'Synced' })).toEqual([]);
    expect(story.follower.state).toBe('connected');
  });

  test('with user, password and an address of its own', () => {
    const story = new Story({ user: 'me', password: 'secret', announcedAddress: 'there' });
    story.follow();
    story.on({ kind: 'Up' });
    expect(story.hear('-NOAUTH Authentication required.')).toEqual([
      '> AUTH me secret',
      '> REPLCONF listening-port 7001',
      '> REPLCONF ip-address there',
      '> REPLCONF capa eof capa psync2',
    ]);
    expect(story.hear('+OK', '+OK', '+OK')).toEqual([]);
    expect(story.hear('+OK')).toEqual(['> PSYNC ? -1']);
  });

  test('its log is that of redis', () => {
    const story = new Story();
    expect(story.log({ kind: 'Follow', host: '10.0.0.1', port: 7000, isHandover: false })).toEqual([
      'Connecting to MASTER 10.0.0.1:7000',
      'MASTER <-> REPLICA sync started',
    ]);
    expect(story.log({ kind: 'Up' })).toEqual(['Non blocking connect for SYNC fired the event.']);
    expect(story.log({ kind: 'Reply', line: '+PONG' })).toEqual([
      'Master replied to PING, replication can continue...',
    ]);
    story.hear('+OK');
    expect(story.log({ kind: 'Reply', line: '+OK' })).toEqual([
      'Partial resynchronization not possible (no cached master)',
    ]);
    expect(story.log({ kind: 'Reply', line: `+FULLRESYNC ${ID} 0` })).toEqual([`Full resync from master: ${ID}:0`]);
  });
});

describe('a partial sync', () => {
  test('goes on with the next byte', () => {
    const story = new Story({ resume: { id: ID, offset: 99 } });
    story.reachPsync();
    expect(story.hear('+CONTINUE')).toEqual(['resume null']);
    expect(story.follower.state).toBe('connected');
  });

  test('asks for it', () => {
    const story = new Story({ resume: { id: ID, offset: 99 } });
    story.follow();
    story.on({ kind: 'Up' });
    expect(story.hear('+PONG', '+OK', '+OK').at(-1)).toBe(`> PSYNC ${ID} 100`);
  });

  test('under a new id', () => {
    expect(new Story({ resume: { id: ID, offset: 99 } }).reachPsync().hear(`+CONTINUE ${NEW_ID}`)).toEqual([
      `resume ${NEW_ID}`,
    ]);
  });
});

describe('what the primary may say instead', () => {
  // biome-ignore format: a table
  test.each<[string, Partial<FollowerFacts>, string[], string, string]>([

    ['loading',            {},                      ['-LOADING not yet'],         'connect', 'LOADING not yet'],
    ['without its primary', {},                     ['-NOMASTERLINK no'],         'connect', 'NOMASTERLINK no'],
    ['an old server',      {},                      ['-ERR unknown command'],     'transfer', 'ERR unknown command'],
    ['nonsense',           {},                      [`+FULLRESYNC ${ID}`],        'transfer', ''],
  ])('%s', (_, facts, lines, state, trouble) => {
    const story = new Story(facts).reachPsync();
    story.hear(...lines);
    expect([story.follower.state, story.follower.trouble]).toEqual([state, trouble]);
  });

  test('an old server is asked with SYNC', () => {
    const story = new Story().reachPsync();
    expect(story.hear("-ERR unknown command 'PSYNC'")).toEqual(['> SYNC', 'transfer null 0']);
  });

  test('an error to PING', () => {
    const story = new Story();
    story.follow();
    story.on({ kind: 'Up' });
    expect(story.hear('-ERR max number of clients reached')).toEqual([
      "! Error reply to PING from master: '-ERR max number of clients reached'",
      'close',
    ]);
    expect(story.follower.state).toBe('connect');
  });
});

describe('passwords', () => {
  test('a wrong one is said loudly, and tried again with the next tick', () => {
    const story = new Story({ password: 'wrong' });
    story.follow();
    story.on({ kind: 'Up' });
    story.hear('-NOAUTH Authentication required.');
    expect(story.hear('-WRONGPASS invalid username-password pair')).toEqual([
      '! Unable to AUTH to MASTER: -WRONGPASS invalid username-password pair',
      'close',
    ]);
    expect(story.follower.trouble).toBe('WRONGPASS invalid username-password pair');
    expect(story.on({ kind: 'Tick' })).toEqual(['connect 10.0.0.1:7000']);
  });

  test('a missing one too', () => {
    const story = new Story();
    story.follow();
    story.on({ kind: 'Up' });
    expect(story.hear('-NOAUTH Authentication required.')[0]).toContain("'masterauth' is not set");
    story.hear('-NOAUTH Authentication required.', '-NOAUTH Authentication required.');
    story.hear('-NOAUTH Authentication required.');
    expect(story.follower.trouble).toContain('masterauth');
  });
});

describe('what stands in the way', () => {
  const asked = (): Story => {
    const story = new Story();
    story.follow();
    story.on({ kind: 'Up' });
    story.hear('-NOAUTH Authentication required.');
    return story;
  };

  test('the first word of a try counts, what follows is its consequence', () => {
    const story = asked();
    story.now += 60_001;
    story.on({ kind: 'Tick' });
    expect(story.follower.trouble).toContain('masterauth');
  });

  test('it is said until the next try has a word of its own', () => {
    const story = asked();
    story.on({ kind: 'Down', reason: '' });
    story.on({ kind: 'Tick' });
    expect(story.follower.trouble).toContain('masterauth');
    story.on({ kind: 'Down', reason: 'Connection refused' });
    expect(story.follower.trouble).toBe('Connection refused');
  });
});

describe('a link that fails', () => {
  test('before it is up: with the next tick', () => {
    const story = new Story();
    story.follow();
    expect(story.on({ kind: 'Down', reason: 'Connection refused' })).toEqual([
      '! Error condition on socket for SYNC: Connection refused',
    ]);
    expect(story.on({ kind: 'Tick' })).toEqual(['connect 10.0.0.1:7000']);
  });

  test('in the handshake: with the next tick', () => {
    const story = new Story();
    story.follow();
    story.on({ kind: 'Up' });
    expect(story.on({ kind: 'Down', reason: '' })).toEqual([
      '! Master did not respond to command during SYNC handshake',
    ]);
    expect(story.follower.state).toBe('connect');
  });

  test('amid the snapshot: at once', () => {
    const story = new Story().reachPsync();
    story.hear(`+FULLRESYNC ${ID} 0`);
    expect(story.on({ kind: 'Down', reason: '' })).toEqual([
      '! I/O error trying to sync with MASTER: connection lost',
      'connect 10.0.0.1:7000',
    ]);
  });

  test('later: the stream is lost, our data is not, and we come back at once', () => {
    const story = new Story({ resume: { id: ID, offset: 5 } }).reachPsync();
    story.hear('+CONTINUE');
    expect(story.on({ kind: 'Down', reason: '' })).toEqual([
      '! Connection with master lost.',
      'lost',
      'connect 10.0.0.1:7000',
    ]);
  });
});

describe('silence', () => {
  const silent = (story: Story): string[] => {
    story.now += 60_000;
    expect(story.on({ kind: 'Tick' })).toEqual([]);
    story.now += 1;
    return story.on({ kind: 'Tick' });
  };

  test('while connecting', () => {
    const story = new Story();
    story.follow();
    expect(silent(story)).toEqual(['close', '! Timeout connecting to the MASTER...', 'connect 10.0.0.1:7000']);
  });

  test('amid the snapshot', () => {
    const story = new Story().reachPsync();
    story.hear(`+FULLRESYNC ${ID} 0`);
    expect(silent(story)[1]).toMatch(/^! Timeout receiving bulk data from MASTER\.\.\./);
  });

  test('in the stream', () => {
    const story = new Story().reachPsync();
    story.hear('+CONTINUE');
    expect(silent(story)).toEqual([
      'close',
      '! MASTER timeout: no data nor PING received...',
      '! Connection with master lost.',
      'lost',
      'connect 10.0.0.1:7000',
    ]);
  });

  test('is broken by any byte', () => {
    const story = new Story().reachPsync();
    story.hear('+CONTINUE');
    story.now += 59_000;
    story.on({ kind: 'Heard' });
    story.now += 59_000;
    expect(story.on({ kind: 'Tick' })).toEqual([]);
  });
});

describe('a handover', () => {
  const handOver = (...lines: readonly string[]): string[] => {
    const story = new Story({ resume: { id: ID, offset: 99 } });
    story.on({ kind: 'Follow', host: '10.0.0.1', port: 7000, isHandover: true });
    story.on({ kind: 'Up' });
    expect(story.hear('+PONG', '+OK', '+OK').at(-1)).toBe(`> PSYNC ${ID} 100 FAILOVER`);
    return story.hear(...lines);
  };

  test('that is accepted', () => {
    expect(handOver(`+CONTINUE ${NEW_ID}`)).toEqual(['handed over: true', `resume ${NEW_ID}`]);
  });

  test('that is refused', () => {
    expect(handOver('-ERR PSYNC FAILOVER replid must match my replid.')).toEqual(['handed over: false', 'close']);
  });
});

test('who is told to leave leaves', () => {
  const story = new Story().reachPsync();
  story.hear('+CONTINUE');
  expect(story.on({ kind: 'Leave' })).toEqual(['! Connection with master lost.', 'lost', 'close']);
  expect(story.on({ kind: 'Tick' })).toEqual([]);
  expect(story.on({ kind: 'Down', reason: '' })).toEqual([]);
});
