import { describe, expect, it } from '@jest/globals';
import {
  LONGEST_DELAY_MS,
  toMilliseconds,
  type Duration,
} from '../../lib/core/base/duration.js';
import { TaskInvalidOptionError } from '../../lib/core/base/errors.js';

describe('a duration', () => {
  it.each<[Duration, number]>([
    [0, 0],
    [1.5, 1.5],
    [250, 250],
    ['0ms', 0],
    ['250ms', 250],
    ['0.5s', 500],
    ['10s', 10_000],
    ['.5s', 500],
    ['1e3ms', 1000],
    ['5m', 300_000],
    ['1h', 3_600_000],
    ['1.5h', 5_400_000],
    ['2d', 172_800_000],
    ['10 s', 10_000],
    ['250  ms', 250],
    [' 10s', 10_000],
    ['1.s', 1000],
    ['0x10s', 16_000],
    ['-0s', -0],
    [LONGEST_DELAY_MS, LONGEST_DELAY_MS],
  ])('of %p is %p ms', (duration, ms) => {
    expect(toMilliseconds(duration, 'timeout')).toBe(ms);
  });

  it.each([
    -1,
    Number.NaN,
    Infinity,
    -Infinity,
    LONGEST_DELAY_MS + 1,
    '25d',
    '-1s',
    '10',
    '10s ',
    '10S',
    's',
    '',
    '10s\n',
    ' s',
    '1 0s',
    'Infinitys',
    'e3s',
    null,
    undefined,
    true,
    10n,
    Symbol('10s'),
    [],
    {},
    Object.create(null),
    () => 10,
    Promise.resolve(10),
  ])('is refused when it is %p', (value) => {
    const parse = () => toMilliseconds(value as Duration, 'timeout');

    expect(parse).toThrow(TaskInvalidOptionError);
    expect(parse).toThrow(/^`timeout` must be a duration between 0 and/);
    expect(parse).toThrow(/Write milliseconds or a literal like '250ms'/);
  });

  it('is quoted in the error as it was written', () => {
    const parse = (value: unknown) => () =>
      toMilliseconds(value as Duration, 'timeout');

    expect(parse('soon')).toThrow("got 'soon'");
    expect(parse(-5)).toThrow('got -5');
    expect(parse({ ms: 5 })).toThrow('got an object');
    expect(parse(Symbol('x'))).toThrow('got Symbol(x)');
  });
});
