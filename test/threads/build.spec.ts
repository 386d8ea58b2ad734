import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { builtApps } from './support/built-apps.js';
import { Project } from './support/project.js';

// Threads and processes are slow to start on a machine that has much to do.
jest.setTimeout(120_000);

beforeAll(() => builtApps.build());
afterAll(() => builtApps.remove());

describe('a compiled application', () => {
  it('runs functions on threads, and its idle threads let the process end', async () => {
    const { code, reports, stderr } = await builtApps.run('calls');

    expect(reports).toEqual([
      {
        other: { status: 'succeeded', value: 'other' },
        thread: 'succeeded',
        error: {
          text: 'RangeError: no more than 10, but 12',
          stack: expect.stringMatching(/at failWithRangeError .*failing\.js:/),
          isRangeError: true,
        },
      },
    ]);
    expect(stderr).toMatch(/Task "failWithRangeError" .* failed on attempt 1/);
    expect(stderr).not.toContain('Warning');
    expect(code).toBe(0);
  });

  it('loads sources on one thread after the other', async () => {
    const source = join(process.cwd(), 'test/threads/modules/computing.ts');
    const { code, signal, reports, stderr } = await builtApps.run('sources', {
      args: [source],
    });

    expect({ code, signal, stderr }).toEqual({
      code: 0,
      signal: null,
      stderr: '',
    });
    expect(reports).toEqual([{ threads: 3 }]);
  });

  it('without jiti says what to install before it runs sources', async () => {
    const project = await Project.create(
      {
        'package.json': '{"type":"module"}',
        'work.ts': 'export const work = (): number => 1;',
      },
      ['@nestjs/common', '@nestjs/core', 'piscina', 'reflect-metadata', 'rxjs'],
    );
    await cp(builtApps.folder, project.folder, { recursive: true });
    const source = project.path('work.ts');
    const { code, reports } = await builtApps.run('sources', {
      from: project.folder,
      args: [source],
    });
    await project.remove();

    expect(reports).toEqual([
      {
        code: 'TASK_PEER_MISSING',
        message: `To run ${source} before it is compiled, nestjs-tasks/threads needs the package "jiti", which cannot be loaded. Install it: npm install jiti`,
        cause: expect.stringContaining("Cannot find package 'jiti'"),
      },
    ]);
    expect(code).toBe(0);
  });

  it('ends when it is told to while a thread computes', async () => {
    const { signal, reports } = await builtApps.run('computing', {
      onReport: (kill) => kill('SIGTERM'),
    });

    expect(reports[0]).toEqual({ computing: true });
    expect(reports[1]).toMatchObject({ status: 'dropped' });
    expect(signal).toBe('SIGTERM');
  });

  it('fails the task of a thread that is out of memory, and goes on', async () => {
    const { code, reports } = await builtApps.run('swallowing', {
      flags: ['--max-old-space-size=80'],
    });

    expect(reports).toEqual([
      {
        code: 'TASK_THREAD_FAILED',
        message: expect.stringMatching(
          /^The thread of "eatMemory" ended before the function did: .*memory limit/,
        ),
      },
    ]);
    expect(code).toBe(0);
  });

  it.each([
    [
      'fails',
      `throw new Error('preload failed')`,
      /^The thread ended before it received the call: preload failed$/,
    ],
    [
      'exits',
      `process.exit(4)`,
      /^The thread ended before it received the call$/,
    ],
  ])(
    'whose threads cannot start, as what they load first %s, says so',
    async (_how, statement, message) => {
      const preload = `import { isMainThread } from 'node:worker_threads'; if (!isMainThread) ${statement};`;
      const { code, reports } = await builtApps.run('calls', {
        flags: [`--import=data:text/javascript,${encodeURIComponent(preload)}`],
      });

      expect(reports).toMatchObject([
        { thread: 'failed', error: { code: 'TASK_THREAD_FAILED' } },
      ]);
      const { text } = reports[0]!['error'] as { text: string };
      expect(text.replace('TaskThreadError: ', '')).toMatch(message);
      expect(code).toBe(0);
    },
  );

  it('without piscina does all the rest, and says what to install', async () => {
    const project = await Project.create(
      { 'package.json': '{"type":"module"}' },
      ['@nestjs/common', '@nestjs/core', 'reflect-metadata', 'rxjs'],
    );
    await cp(builtApps.folder, project.folder, { recursive: true });
    const { code, reports, stderr } = await builtApps.run('calls', {
      from: project.folder,
      args: ['close'],
    });
    await project.remove();

    expect(reports).toMatchObject([
      {
        other: { status: 'succeeded' },
        thread: 'failed',
        error: {
          code: 'TASK_PEER_MISSING',
          text: expect.stringContaining(
            'nestjs-tasks/threads needs the package "piscina", which cannot be loaded. Install it: npm install piscina',
          ),
        },
      },
    ]);
    expect(stderr).not.toContain('taken down');
    expect(code).toBe(0);
  });
});
