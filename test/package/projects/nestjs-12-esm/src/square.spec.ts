import { inThread } from 'nestjs-tasks/threads';
import type { square } from './square.js';

it('runs a function of a TypeScript file on a thread', async () => {
  const url = new URL('./square.js', import.meta.url);
  const squareOnThread = inThread<typeof square>(url, 'square');
  expect(await squareOnThread(12)).toBe(144);
});
