import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { inProcessEngine } from 'nestjs-tasks/in-process';

const { codec } = inProcessEngine();

/** What a worker is called with when a task was called with these. */
function travelled(...args: unknown[]): unknown[] {
  return codec.decode(codec.encode(args, 'travel'));
}

const key = fc.string().filter((text) => text !== '__proto__');
const plain = fc.anything({ key });
const anything = fc.anything({
  key,
  values: [
    fc.boolean(),
    fc.double(),
    fc.string(),
    fc.bigInt(),
    fc.constantFrom(null, undefined),
    fc.date({ noInvalidDate: true }),
  ],
  withMap: true,
  withSet: true,
  withNullPrototype: true,
  withSparseArray: true,
  withTypedArray: true,
});

describe('the arguments of a durable task', () => {
  it('arrive as they were sent, whatever plain data they are', () => {
    fc.assert(
      fc.property(fc.array(plain), (args) => {
        expect(travelled(...args)).toStrictEqual(args);
      }),
      { numRuns: 1_000 },
    );
  });

  it('arrive as they were sent, whatever data they are', () => {
    fc.assert(
      fc.property(fc.array(anything), (args) => {
        expect(travelled(...args)).toStrictEqual(args);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    ['minus zero', -0],
    ['no number', NaN],
    ['infinity', -Infinity],
    ['undefined', undefined],
    ['a property that is undefined', { a: undefined }],
    ['a list with a hole', [1, , 3]], // oxlint-disable-line no-sparse-arrays
    ['an object without a prototype', Object.create(null) as unknown],
    ['half a character', '\ud83d'],
    ['nothing at all', null],
    ['a date in an object', { at: new Date(0) }],
    ['many objects', Array.from({ length: 40 }, (_, id) => ({ id }))],
  ])('arrive as they were sent: %s', (_what, value) => {
    expect(travelled(value, [value])).toStrictEqual([value, [value]]);
  });

  it('are the same object where they were', () => {
    const user = { name: 'Ann' };
    const [first, second] = travelled(user, { user }) as [
      unknown,
      { user: unknown },
    ];

    expect(first).toEqual(user);
    expect(second.user).toBe(first);
  });

  it('may go in circles', () => {
    const node: { self?: unknown } = {};
    node.self = node;
    const [arrived] = travelled(node) as [typeof node];

    expect(arrived.self).toBe(arrived);
  });

  it.each([
    ['a symbol as a key', { user: { [Symbol('secret')]: 1 } }, 'args[0].user'],
    ['a function in a list', ['a', () => 1], 'args[0][1]'],
    ['a way of its own to JSON', { toJSON: () => 1 }, 'args[0].toJSON'],
    [
      'a prototype as a property',
      [JSON.parse('{"__proto__": 1}')],
      'args[0][0]',
    ],
    ['an object of a class', { user: new (class User {})() }, 'args[0].user'],
  ])('are refused with their path when they have %s', (_what, value, path) => {
    expect(() => codec.encode([value], 'travel')).toThrow(
      expect.objectContaining({
        code: 'TASK_INVALID_ARGUMENT',
        message: expect.stringContaining(path) as unknown,
      }),
    );
  });

  it('may take as many bytes as the engine says, and not one more', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (text) => {
        const bytes = Buffer.byteLength(codec.encode([text], 'travel'));
        const encodeWithin = (maxArgumentBytes: number) =>
          inProcessEngine({ maxArgumentBytes }).codec.encode([text], 'travel');
        expect(codec.decode(encodeWithin(bytes))).toEqual([text]);
        expect(() => encodeWithin(bytes - 1)).toThrow(
          expect.objectContaining({
            code: 'TASK_INVALID_ARGUMENT',
            message: expect.stringContaining(`got ${bytes}.`) as unknown,
          }),
        );
      }),
    );
  });
});
