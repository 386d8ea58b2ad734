import { describe, it } from '@jest/globals';
import { inProcessEngine } from 'nestjs-tasks/in-process';
import { engineConformance } from 'nestjs-tasks/testing';

describe('the engine in the memory of the process', () => {
  const cases = engineConformance({
    create: (concurrency) => inProcessEngine({ concurrency }),
  });
  it.each(cases)('$name', ({ run }) => run());
});
