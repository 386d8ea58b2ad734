import { argumentCodec, bullmqEngine } from 'nestjs-tasks/bullmq';
import { inProcessEngine } from 'nestjs-tasks/in-process';
import { pgBossEngine } from 'nestjs-tasks/pg-boss';

// Jest cannot load ES modules with require() on Node.js 20, and has no setting here.
it('loads the engines', () => {
  expect(typeof inProcessEngine).toBe('function');
  expect(typeof bullmqEngine).toBe('function');
  expect(typeof pgBossEngine).toBe('function');
});

it('encodes what JSON cannot', () => {
  const { encode, decode } = argumentCodec();
  const args = [new Map([[1n, new Date(0)]])];
  expect(decode(encode(args, 'sum'))).toEqual(args);
});
