import { Test } from '@nestjs/testing';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { ALL_PLAYED, OrdersModule, play } from './orders';

const builder = () => Test.createTestingModule({ imports: [OrdersModule] });

it('plays over Express', async () => {
  const module = await builder().compile();
  expect(await play(module.createNestApplication())).toEqual(ALL_PLAYED);
});

it('plays over Fastify', async () => {
  const module = await builder().compile();
  const app = module.createNestApplication(new FastifyAdapter());
  expect(await play(app)).toEqual(ALL_PLAYED);
});
