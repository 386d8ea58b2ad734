import {
  afterAll,
  afterEach,
  beforeAll,
  describe,
  expect,
  it,
} from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { currentTask, Task } from 'nestjs-tasks';
import { closeApps } from '../support/create-app.js';
import { platforms } from '../support/platforms.js';
import { newJob } from './support/engine-bench.js';
import { Gone, Journal, openMailApp } from './support/mail-app.js';
import { ENGINES, type QueueSpace } from './support/shared-queues.js';
import { pause } from '../support/pause.js';

afterEach(closeApps);

const job = newJob({ task: 'mail' });
const { options: _options, ...withoutOptions } = job;

/** What is in a queue that other software, a person or another version has written to. */
const DATA: readonly (readonly [what: string, data: unknown])[] = [
  ['no data', undefined],
  ['null', null],
  ['a text', 'hello'],
  ['a number', 5],
  ['a list', [job]],
  ['another object', { text: 'hello' }],
  ['a job without options', withoutOptions],
  ['a job of an unknown phase', { ...job, phase: 'later' }],
  ['a timeout in words', { ...job, options: { timeout: 'soon' } }],
  ['retries in words', { ...job, options: { retries: 'many' } }],
  ['an option that does not travel', { ...job, options: { signal: {} } }],
  ['a part that no job has', { ...job, role: 'admin' }],
  ['arguments that are not a text', { ...job, args: ['hello'] }],
  ['arguments that cannot be decoded', { ...job, args: '{' }],
  ['arguments that are not a list', { ...job, args: '{"args":5}' }],
  [
    'a Buffer of three billion bytes',
    { ...job, args: '[[1],["Buffer",2],[3],{"length":3000000000}]' },
  ],
  [
    'a Buffer of three billion bytes, at once',
    { ...job, args: '[["Buffer",1],{"length":3000000000}]' },
  ],
];

const throws = () => {
  throw new Error('trap');
};

/** What user code may throw, and no store can take as it is. */
const THROWN: readonly (readonly [what: string, thrown: () => unknown])[] = [
  ['a list as its message', () => withParts({ message: ['no funds'] })],
  ['a number as its name', () => withParts({ name: 7 })],
  ['no stack', () => withParts({ stack: null })],
  ['neither name nor message', () => withParts({ name: '', message: '' })],
  ['an unreadable message', () => withGetter('message')],
  ['an unreadable stack', () => withGetter('stack')],
  ['a Proxy that throws', () => new Proxy(new Error('x'), { get: throws })],
  ['characters that JSON escapes', () => new Error('no \0 such \uD800 user')],
  ['a frozen error', () => Object.freeze(new Error('frozen'))],
  ['a message without an end', () => new Error('x'.repeat(5_000_000))],
  ['undefined', () => undefined],
  ['an object without a prototype', () => Object.create(null)],
];

/** More than is kept of any error. */
const MOST_CHARACTERS = 25_000;

const withParts = (parts: object) => Object.assign(new Error('x'), parts);
const withGetter = (part: string) =>
  Object.defineProperty(new Error('x'), part, { get: throws });

@Injectable()
class Failing {
  constructor(private readonly journal: Journal) {}

  @Task('fail', { durable: true })
  fail(which: number): void {
    this.journal.write([which, currentTask().attempt]);
    throw THROWN[which]?.[1]();
  }
}

describe.each(ENGINES)('a worker of $name', (engineCase) => {
  engineCase.describe('whose queue has what no call has stored', () => {
    let space: QueueSpace;
    beforeAll(() => void (space = engineCase.space()));
    afterAll(() => space.close());

    it('refuses each of them once, keeps it as failed, and goes on', async () => {
      const [platform] = platforms;
      const queue = space.queue();
      const worker = await openMailApp({
        platform: platform!,
        engine: queue.engine(),
        providers: [Gone],
      });
      for (const [, data] of DATA) await queue.put(data);
      await worker.post('hello');
      await worker.journal.has(1);

      const failed = async () =>
        (await queue.jobs()).filter(({ state }) => state === 'failed');
      while ((await failed()).length < DATA.length) {
        await pause();
      }

      expect(worker.journal.lines).toMatchObject([{ what: 'hello' }]);
      const errors = worker.log.messages('error');
      expect(errors).toHaveLength(DATA.length);
      for (const error of errors) {
        expect(error).toMatch(/^(A job|Job \S+ of task "mail") was refused: /);
      }
      await worker.app.close();
      expect(await failed()).toHaveLength(DATA.length);
    });

    it('keeps what throws anything as failed, once, with what can be said of it', async () => {
      const [platform] = platforms;
      const queue = space.queue();
      const worker = await openMailApp({
        platform: platform!,
        engine: queue.engine(),
        providers: [Gone, Failing],
      });
      THROWN.forEach((_, which) => worker.tasks.of(Failing).fail(which));
      const jobs = async () => queue.jobs();
      const isKept = ({ state }: { state: string }) => state === 'failed';
      while ((await jobs()).filter(isKept).length < THROWN.length) {
        await pause();
      }
      await worker.post('hello');
      await worker.journal.has(THROWN.length + 1);

      const ran = worker.journal.lines.filter((line) => Array.isArray(line));
      expect(new Set(ran)).toEqual(
        new Set(THROWN.map((_, which) => [which, 1])),
      );
      expect(ran).toHaveLength(THROWN.length);
      await worker.app.close();
      for (const { state, error = '' } of await jobs()) {
        expect(state).toBe('failed');
        expect(error.length).toBeLessThan(MOST_CHARACTERS);
      }
    });
  });
});
