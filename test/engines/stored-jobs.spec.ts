import {
  afterAll,
  afterEach,
  beforeAll,
  describe,
  expect,
  it,
} from '@jest/globals';
import { closeApps } from '../support/create-app.js';
import { platforms } from '../support/platforms.js';
import { newJob } from './support/engine-bench.js';
import { Gone, openMailApp } from './support/mail-app.js';
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
  });
});
