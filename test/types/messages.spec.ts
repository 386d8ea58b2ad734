import { beforeAll, describe, expect, it } from '@jest/globals';
import { compilerMessages, type CompilerMessage } from './compiler-messages.js';
import { MISTAKES, PRELUDE, type Mistake } from './mistakes.js';

/** The options of a project created by `nest new`, where they are less strict than ours. */
const NEST_PROJECT = {
  strict: false,
  strictNullChecks: true,
  noImplicitAny: false,
  exactOptionalPropertyTypes: false,
  noUncheckedIndexedAccess: false,
};

const sourceOf = ({ source }: Mistake) =>
  PRELUDE + source.replaceAll(/[«»]/g, '');

function positionOf({ source }: Mistake) {
  const before = (PRELUDE + source).split('«')[0] ?? '';
  const lines = before.split('\n');
  return { line: lines.length, column: (lines.at(-1) ?? '').length + 1 };
}

describe.each([
  ['a strict project', {}],
  ['a project that Nest generates', NEST_PROJECT],
])('the message in %s', (_project, compilerOptions) => {
  let messages: CompilerMessage[][];
  beforeAll(async () => {
    messages = await compilerMessages(
      [...MISTAKES.map(sourceOf), PRELUDE],
      compilerOptions,
    );
  }, 60_000);

  it('is absent where there is no mistake', () => {
    expect(messages.at(-1)).toEqual([]);
  });

  it.each(MISTAKES.map((mistake, index) => ({ ...mistake, index })))(
    'points at $name, and explains it',
    (mistake) => {
      expect(messages[mistake.index]).toEqual([
        {
          ...positionOf(mistake),
          code: mistake.code,
          message: expect.stringContaining(mistake.says),
        },
      ]);
    },
  );
});
