import { join } from 'node:path';
import { inThread } from 'nestjs-tasks/threads';
import type { square } from './square';

it('runs a function of a TypeScript file on a thread', async () => {
  const path = join(__dirname, 'square.js');
  const squareOnThread = inThread<typeof square>(path, 'square');
  expect(await squareOnThread(12)).toBe(144);
});
