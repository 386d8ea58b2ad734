import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import {
  Task,
  type ArgumentCodec,
  type ArgumentSchema,
  type DurableEngine,
  type EngineHost,
  type TaskEvent,
} from 'nestjs-tasks';
import { argumentCodec, inProcessEngine } from 'nestjs-tasks/in-process';
import { closeApps, createApp } from '../support/create-app.js';
import { platforms } from '../support/platforms.js';
import { newJob } from './support/engine-bench.js';
import { StoringEngine } from './support/storing-engine.js';

afterEach(closeApps);

const CARD = '4242 4242 4242 4242';
const PASSWORD = 'hunter2-and-more';

/** As valibot does, with the refused value in each issue and its message. */
const schema: ArgumentSchema = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (args) => {
      const [input] = args as unknown[];
      if (input === 'throws') throw new Error(`cannot check "${String(args)}"`);
      if (!Array.isArray(args) || args[1] !== 'refused') {
        return { value: args };
      }
      const message = `Invalid type: Expected number but received "${String(input)}"`;
      const path = [{ key: 0 }, { key: 'card' }, { key: input }];
      return { issues: [{ message, input, type: 'number', path } as never] };
    },
  },
};

@Injectable()
class Payments {
  readonly seen: unknown[] = [];

  @Task('pay', { durable: true })
  pay(...args: unknown[]) {
    this.seen.push(args);
  }

  @Task('checked', { durable: true, schema })
  checked(...args: unknown[]) {
    this.seen.push(args);
  }
}

async function open(engine: DurableEngine) {
  const events: TaskEvent[] = [];
  const app = await createApp(platforms[0]!, {
    tasks: { engine, observers: [(event) => void events.push(event)] },
    providers: [Payments],
  });
  return {
    ...app,
    seen: app.app.get(Payments).seen,
    /** All that an observer can print of the errors, and all that was logged. */
    shown: () =>
      inspect(
        [
          events.map((event) => ('error' in event ? event.error : undefined)),
          app.log.lines,
        ],
        { depth: 20, showHidden: true },
      ),
  };
}

/** What drivers make of a failed statement. */
const ERRORS: readonly (readonly [string, (data: string) => Error])[] = [
  [
    'a query builder that quotes the statement',
    (data) =>
      Object.assign(new Error(`Failed query: insert\nparams: ${data}`), {
        params: [data],
        cause: Object.assign(new Error('relation "job" does not exist'), {
          code: '42P01',
          where: data,
        }),
      }),
  ],
  [
    'a driver that keeps the command',
    (data) =>
      Object.assign(new Error('OOM command not allowed'), {
        command: { name: 'set', args: [data] },
      }),
  ],
  [
    'a driver that keeps the password',
    () =>
      Object.assign(
        new Error(`cannot connect to redis://admin:${PASSWORD}@cache:6379`),
        { command: { name: 'auth', args: ['admin', PASSWORD] } },
      ),
  ],
];

describe('arguments and credentials', () => {
  it.each(ERRORS)('are not shown when the store fails by %s', async (_, by) => {
    const engine = new StoringEngine();
    engine.answer = (jobs) => Promise.reject(by(JSON.stringify(jobs)));
    const app = await open(engine);
    app.tasks.of(Payments).pay({ card: CARD, owner: "Ann O'Hara" });
    await app.tasks.idle();
    const shown = app.shown();
    expect(shown).not.toContain('4242');
    expect(shown).not.toContain("O'Hara");
    expect(shown).not.toContain(PASSWORD);
    expect(shown).toMatch(/could not be stored by storing: .+/);
    expect(app.seen).toHaveLength(1);
  });

  it('are not shown when one entry of many fails', async () => {
    const engine = new StoringEngine();
    engine.answer = async (jobs) =>
      jobs.map(() => new Error(`invalid input syntax: "${CARD}"`));
    const app = await open(engine);
    app.tasks.of(Payments).pay(CARD);
    await app.tasks.idle();
    expect(app.shown()).not.toContain('4242');
  });

  it('leave the words of a store as they are where they show nothing', async () => {
    const engine = new StoringEngine();
    engine.answer = () =>
      Promise.reject(
        Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:6379'), {
          code: 'ECONNREFUSED',
        }),
      );
    const app = await open(engine);
    app.tasks.of(Payments).pay(CARD);
    await app.tasks.idle();
    expect(app.log.messages('warn')).toEqual([
      expect.stringContaining('connect ECONNREFUSED 127.0.0.1:6379'),
    ]);
    expect(app.shown()).toContain("code: 'ECONNREFUSED'");
  });

  it.each([
    ['refuses', [CARD, 'refused'], 'args[0].card[…]: number'],
    ['throws', ['throws', CARD], 'its message is not shown'],
  ])(
    'are not shown when a schema %s, in the caller or in a worker',
    async (_, args, says) => {
      const engine = new StoringEngine();
      const app = await open(engine);
      let thrown: unknown;
      try {
        app.tasks.of(Payments).checked(...args);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toMatchObject({
        code: 'TASK_INVALID_ARGUMENT',
        message: expect.stringContaining(says) as unknown,
      });
      const host = engine.host as EngineHost;
      const payload = engine.codec.encode(args, 'checked');
      const outcome = await host.run(
        newJob({ task: 'checked', args: payload }),
        1,
      );
      expect(outcome).toMatchObject({ status: 'unknown' });
      const shown = app.shown() + inspect([thrown, outcome], { depth: 20 });
      expect(shown).toContain(says);
      expect(shown).not.toContain('4242');
    },
  );

  it('are not shown when an argument cannot be stored', async () => {
    const app = await open(new StoringEngine());
    let thrown: unknown;
    try {
      const account = { card: CARD, pay() {} };
      app.tasks.of(Payments).pay(new Map([[CARD, account]]));
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: 'TASK_INVALID_ARGUMENT' });
    expect(inspect(thrown, { depth: 20, showHidden: true })).not.toContain(
      '4242',
    );
  });

  it('are not shown by what an engine logs', async () => {
    const engine = new StoringEngine();
    const app = await open(engine);
    const address = `postgres://app:${PASSWORD}@db/orders`;
    const error = Object.assign(new Error(`cannot reach ${address}`), {
      config: { password: PASSWORD },
    });
    (engine.host as EngineHost).log.error(`No answer from ${address}`, error);
    (engine.host as EngineHost).log.warn(`Waiting for ${address}`);
    expect(app.shown()).toContain('postgres://***@db/orders');
    expect(app.shown()).not.toContain(PASSWORD);
  });
});

/** Encrypts arguments with AES-256-GCM. */
function encrypted(key: Buffer): ArgumentCodec {
  const plain = argumentCodec();
  return {
    encode(args, task) {
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, iv);
      const text = cipher.update(plain.encode(args, task), 'utf8');
      const rest = cipher.final();
      return Buffer.concat([iv, cipher.getAuthTag(), text, rest]).toString(
        'base64',
      );
    },
    decode(payload) {
      const bytes = Buffer.from(payload, 'base64');
      const decipher = createDecipheriv(
        'aes-256-gcm',
        key,
        bytes.subarray(0, 12),
      );
      decipher.setAuthTag(bytes.subarray(12, 28));
      const text = decipher.update(bytes.subarray(28));
      return plain.decode(
        Buffer.concat([text, decipher.final()]).toString('utf8'),
      );
    },
  };
}

describe('a codec of the application', () => {
  it('decides what is stored, and gives back the arguments', async () => {
    const codec = encrypted(randomBytes(32));
    const app = await open(inProcessEngine({ codec }));
    const when = new Date(0);
    app.tasks.of(Payments).pay(CARD, when);
    while (app.seen.length < 1) await new Promise(setImmediate);
    expect(app.seen).toEqual([[CARD, when]]);
    expect(inProcessEngine({ codec }).codec.encode([CARD], 'pay')).not.toMatch(
      /4242/,
    );
  });

  it('that cannot decode a job has it put back, as another process may have its key', async () => {
    class Encrypting extends StoringEngine {
      override readonly codec = inProcessEngine({
        codec: encrypted(randomBytes(32)),
      }).codec;
    }
    const engine = new Encrypting();
    const app = await open(engine);
    const args = encrypted(randomBytes(32)).encode([CARD], 'pay');
    const host = engine.host as EngineHost;
    expect(await host.run(newJob({ task: 'pay', args }), 1)).toMatchObject({
      status: 'unknown',
    });
    expect(app.log.messages('warn')).toEqual([
      expect.stringContaining('cannot decode its arguments'),
    ]);
  });

  it('is limited by `maxArgumentBytes`, and must give a text', () => {
    const codec = { encode: () => 'x'.repeat(100), decode: () => [] };
    const limited = inProcessEngine({ codec, maxArgumentBytes: 99 });
    expect(() => limited.codec.encode([], 'pay')).toThrow(/at most 99 bytes/);
    const wrong = { encode: () => 5 as never, decode: () => [] };
    expect(() =>
      inProcessEngine({ codec: wrong }).codec.encode([], 'pay'),
    ).toThrow(/`codec\.encode\(\)` must return a string/);
    expect(() => inProcessEngine({ codec: {} as ArgumentCodec })).toThrow(
      '`codec` must be an object with encode() and decode(), got an object.',
    );
  });
});
