import { expect, it } from '@jest/globals';
import { Doubles } from './doubles.js';

const run = (work: string, key: string | undefined, attempt: number) => ({
  work,
  key,
  attempt,
});

it('recognises what ran more than once by attempt and key, or by key alone', () => {
  const doubles = new Doubles([
    run('once', 'a', 1),
    run('again', 'b', 1),
    run('here and there', 'c', 1),
    run('again', 'b', 3),
    run('here and there', 'c', 1),
  ]);

  expect(doubles).toMatchObject({
    works: 3,
    byAttempt: ['again'],
    byKeyAlone: ['here and there'],
    unrecognised: [],
    count: 2,
  });
});

it.each([
  ['no key', [run('mail', undefined, 1)], ['mail']],
  ['different keys', [run('mail', 'a', 1), run('mail', 'b', 2)], ['mail']],
  [
    'the key of other work',
    [run('mail', 'a', 1), run('post', 'a', 1)],
    ['post'],
  ],
])('does not recognise runs with %s', (_which, runs, unrecognised) => {
  expect(new Doubles(runs)).toMatchObject({ unrecognised, count: 0 });
});
