import { describe, expect, it } from '@jest/globals';
import { inProcessEngine } from 'nestjs-tasks/in-process';
import { engineConformance } from 'nestjs-tasks/testing';
import { newJob, TestHost } from './support/engine-bench.js';

describe('the engine in the memory of the process', () => {
  const cases = engineConformance({
    create: (concurrency) => inProcessEngine({ concurrency }),
  });
  it.each(cases)('$name', ({ run }) => run());

  it('gives up a job that is unknown for longer than `unknownFor`, with one line', async () => {
    const engine = inProcessEngine({ unknownFor: '1s' });
    const host = new TestHost();
    host.answer = () => ({
      status: 'unknown',
      error: new Error('no task named "new" is declared here.'),
    });
    await engine.start(host);
    await engine.enqueue([newJob({ task: 'new' })]);
    await host.until(() => host.errors.length === 1);
    expect(new Set(host.runs.map(({ attempt }) => attempt))).toEqual(
      new Set([1]),
    );
    expect(host.errors).toEqual([
      'no task named "new" is declared here. That time is over.',
    ]);
    await engine.stop(1_000);
    expect(host.warnings).toEqual([]);
  });
});
