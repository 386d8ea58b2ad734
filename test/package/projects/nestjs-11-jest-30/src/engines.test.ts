import { bullmqEngine } from 'nestjs-tasks/bullmq';
import { inProcessEngine } from 'nestjs-tasks/in-process';

// Jest cannot load ES modules with require() on Node.js 20, and of devalue, which these
// need, there is nothing else: package.json lets Jest compile it.
it('loads the engines', () => {
  expect(typeof inProcessEngine).toBe('function');
  expect(typeof bullmqEngine).toBe('function');
});
