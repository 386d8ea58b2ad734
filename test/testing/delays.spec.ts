import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Post } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { Tasks, TasksModule } from 'nestjs-tasks';
import {
  TasksTester,
  TasksTestingModule,
  type TasksTestingModuleOptions,
} from 'nestjs-tasks/testing';
import { platforms } from '../support/platforms.js';

@Controller()
class Orders {
  @Post()
  create(@Tasks() tasks: Tasks) {
    tasks.afterResponse
      .task({ name: 'reminder', delay: '24h' })
      .schedule(() => {});
    tasks.afterResponse.task({ name: 'mail' }).schedule(() => {});
  }
}

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

describe.each(platforms)('delayed tasks in tests over $name', (platform) => {
  const start = async (mode?: TasksTestingModuleOptions['mode']) => {
    const builder = Test.createTestingModule({
      imports: [TasksModule.forRoot()],
      controllers: [Orders],
    });
    if (mode) {
      builder
        .overrideModule(TasksModule)
        .useModule(TasksTestingModule.forRoot({ mode }));
    }
    const module = await builder.compile();
    const app = module.createNestApplication(platform.adapter());
    await app.listen(0, '127.0.0.1');
    closing.push(() => app.close());
    const tester = TasksTester.for(app);
    const response = await fetch(await app.getUrl(), { method: 'POST' });
    expect(response.status).toBe(201);
    return tester;
  };

  it.each(['inline', undefined] as const)(
    'in mode %p start when the test lets their delay pass',
    async (mode) => {
      const tester = await start(mode);
      const mail = await tester.waitFor({ name: 'mail' });
      await mail.settled();
      await tester.advance('23h');
      tester.assertScheduled({ name: 'reminder', status: 'scheduled' });
      await tester.advance('1h');
      await tester.settled();
      tester.assertScheduled({ name: 'reminder', status: 'succeeded' });
    },
  );

  it('in manual mode are held when their delay has passed', async () => {
    const tester = await start('manual');
    expect(await tester.drain()).toMatchObject({ succeeded: 1 });
    tester.assertScheduled({ name: 'reminder', status: 'scheduled' });
    await tester.advance('24h');
    tester.assertScheduled({ name: 'reminder', status: 'scheduled' });
    expect(await tester.drain()).toMatchObject({ succeeded: 1 });
    tester.assertScheduled({ name: 'reminder', status: 'succeeded' });
  });
});
