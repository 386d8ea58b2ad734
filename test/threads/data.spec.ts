import { EventEmitter } from 'node:events';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { TaskInvalidOptionError, type AppTasks } from 'nestjs-tasks';
import { inThread, TaskThreadError } from 'nestjs-tasks/threads';
import { closeApps } from '../support/create-app.js';
import type * as echoing from './modules/echoing.js';
import { createTasks } from './support/create-tasks.js';

// Threads and processes are slow to start on a machine that has much to do.
jest.setTimeout(60_000);

const url = new URL('./modules/echoing.js', import.meta.url);
const describeArguments = inThread<typeof echoing.describeArguments>(
  url,
  'describeArguments',
);
const echo = inThread<(value: unknown) => unknown>(url, 'echo');
const buffersIn = inThread<typeof echoing.buffersIn>(url, 'buffersIn');
const resultWith = inThread<typeof echoing.resultWith>(url, 'resultWith');

let tasks: AppTasks;
beforeAll(async () => {
  ({ tasks } = await createTasks());
});
afterAll(closeApps);

async function run<R>(fn: () => Promise<R>): Promise<R> {
  const outcome = await tasks.schedule(fn).settled();
  if (outcome.status === 'succeeded') return outcome.value as R;
  throw outcome.status === 'failed' ? outcome.error : new Error(outcome.status);
}

function cycle(): unknown {
  const list: unknown[] = [];
  list.push(new Set([{ list, deep: new Map([[1, { fn() {} }]]) }]));
  return list;
}

function chain(end: unknown = null): unknown {
  let link = end;
  for (let count = 0; count < 50_000; count += 1) link = { next: link };
  return link;
}

class Order {
  readonly id = 7;
  readonly hooks = { 'on-done': () => {} };
}

describe('arguments', () => {
  it.each<[string, unknown[], string]>([
    ['a function', [1, { onDone() {} }], 'args[1].onDone is a function'],
    ['a class', [Order], 'args[0] is a function'],
    ['a symbol', [[[Symbol('mark')]]], 'args[0][0][0] is a symbol'],
    ['a promise', [Promise.resolve()], 'args[0] is a promise'],
    ['a WeakMap', [{ seen: new WeakMap() }], 'args[0].seen is a WeakMap'],
    ['a WeakSet', [new WeakSet()], 'args[0] is a WeakSet'],
    [
      'a WeakRef',
      [new WeakRef({})],
      'args[0] is an object of the class WeakRef',
    ],
    ['a Proxy', [new Proxy({}, {})], 'args[0] is a Proxy'],
    [
      'a generator',
      [
        (function* () {
          yield 1;
        })(),
      ],
      'args[0] is a generator',
    ],
    [
      'something in a Map',
      [new Map([['key', { fn() {} }]])],
      'args[0].get("key").fn is a function',
    ],
    [
      'the key of a Map',
      [new Map([[() => {}, 1]])],
      'args[0].keys() is a function',
    ],
    [
      'an element of a Set',
      [new Set([() => {}])],
      'args[0].values() is a function',
    ],
    [
      'a cause',
      [new Error('x', { cause: () => {} })],
      'args[0].cause is a function',
    ],
    [
      'something in a cycle',
      [cycle()],
      'args[0][0].values().deep.get(1).fn is a function',
    ],
    [
      'a part of an instance',
      [new Order()],
      'args[0].hooks["on-done"] is a function',
    ],
    [
      'a URL',
      [{ at: new URL('http://a') }],
      'args[0].at is an object of the class URL',
    ],
    [
      'a signal',
      [new AbortController().signal],
      'args[0] is an object of the class AbortSignal',
    ],
    [
      'an emitter',
      [new EventEmitter()],
      'args[0] is an object of the class EventEmitter',
    ],
    [
      'what cannot be read',
      [
        {
          get total() {
            throw new Error('no');
          },
        },
      ],
      'args[0] is an object that cannot be read',
    ],
  ])(
    'with %s are refused where they are given',
    async (_what, args, message) => {
      const expected = {
        constructor: TaskInvalidOptionError,
        code: 'TASK_INVALID_OPTION',
        message: expect.stringContaining(
          `"describeArguments" runs on a thread, and ${message}, which cannot be copied to it.`,
        ),
      };

      expect(() => tasks.schedule(describeArguments, ...args)).toThrow(
        expect.objectContaining(expected),
      );
      await expect(describeArguments(...args)).rejects.toMatchObject(expected);
      expect(tasks.stats).toMatchObject({ scheduled: 0, running: 0 });
    },
  );

  it('are refused when they are called with, if only the copying tells', async () => {
    const task = tasks.schedule(echo, { list: [[1].values()] });

    expect(await task.settled()).toMatchObject({
      status: 'failed',
      error: {
        code: 'TASK_INVALID_OPTION',
        message: expect.stringContaining(
          'args[0].list[0] is an object of the class Array Iterator',
        ),
      },
    });
  });

  it('of the usual kinds arrive', async () => {
    const args = [
      null,
      undefined,
      1n,
      new Date(),
      /x/,
      new Map([[{}, new Set([1])]]),
      new Uint8Array(2),
      new SharedArrayBuffer(1),
      new TypeError('x'),
      Object.create(null),
      [1, [2]],
    ] as unknown[];

    expect(await run(() => describeArguments(...args))).toEqual([
      'Null',
      'Undefined',
      'BigInt',
      'Date',
      'RegExp',
      'Map',
      'Uint8Array',
      'SharedArrayBuffer',
      'Error',
      'Object',
      'Array',
    ]);
  });

  it('that are the same object twice, or contain themselves, stay so', async () => {
    const value: { self?: unknown; twice: unknown[] } = { twice: [] };
    value.self = value;
    value.twice.push(value.twice);

    const copy = (await run(() => echo(value))) as typeof value;

    expect(copy).not.toBe(value);
    expect(copy.self).toBe(copy);
    expect(copy.twice[0]).toBe(copy.twice);
  });

  it('that are nested too deeply to be copied are refused', async () => {
    const failure = await run(() => echo(chain())).catch(
      (error: unknown) => error,
    );

    expect(failure).toMatchObject({
      code: 'TASK_INVALID_OPTION',
      message: expect.stringContaining('args is an object nested too deeply'),
    });
  });

  it('are refused with a path of which as much is shown as helps', () => {
    const refused = () => tasks.schedule(echo, chain({ onDone() {} }));

    expect(refused).toThrow(
      /args\[0\]\.next\.next[.a-z]* … [.a-z]*\.next\.onDone is a function/,
    );
    expect(refused).toThrow(/^.{0,500}$/);
  });

  it('that are buffers arrive as buffers', async () => {
    expect(await run(() => describeArguments(Buffer.from('text')))).toEqual([
      'Buffer text',
    ]);
  });
});

describe('results', () => {
  it('that are or contain buffers come back as buffers', async () => {
    const { list, map, bytes } = await run(() => buffersIn('text'));

    expect(list[0]).toBeInstanceOf(Buffer);
    expect(list[0]!.toString()).toBe('text');
    expect(list[1]).toBe(list[0]);
    expect(map.get('key')!.toString()).toBe('other');
    expect(Buffer.isBuffer(bytes)).toBe(false);
  });

  it.each([
    ['function', 'result.page[1].onDone is a function'],
    ['symbol', 'result is a symbol'],
    ['promise', 'result.get("late") is a promise'],
    ['instance', 'result.format is an object of the class Intl.NumberFormat'],
    ['iterator', 'result[0] is an object of the class Array Iterator'],
    ['chain', 'result is an object nested too deeply'],
  ])('with a %s fail the call, and name it', async (what, message) => {
    const failure = await run(() => resultWith(what)).catch(
      (error: unknown) => error,
    );

    expect(failure).toBeInstanceOf(TaskThreadError);
    expect(failure).toMatchObject({
      code: 'TASK_THREAD_FAILED',
      message: expect.stringContaining(
        `"resultWith" failed on its thread: ${message}, which cannot be copied`,
      ),
    });
    // The thread lives on.
    await expect(run(() => echo(1))).resolves.toBe(1);
  });
});
