import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Injectable, Post } from '@nestjs/common';
import {
  Task,
  taskContract,
  Tasks,
  type AppTasks,
  type DurableEngine,
  type TaskOptions,
} from 'nestjs-tasks';
import {
  bullmqEngine,
  type BullmqQueueOptions,
  type WorkerQueues,
} from 'nestjs-tasks/bullmq';
import {
  inProcessEngine,
  type InProcessEngineOptions,
} from 'nestjs-tasks/in-process';
import { closeApps, createApp, type TestApp } from '../support/create-app.js';
import { deferred } from '../support/deferred.js';
import { platforms, type Platform } from '../support/platforms.js';
import { StoringEngine } from './support/storing-engine.js';

afterEach(closeApps);

const Elsewhere = taskContract<(id: string) => void>('elsewhere', {
  durable: true,
  queue: 'theirs',
});

@Injectable()
class Work {
  static ran: string[] = [];
  static gate = deferred();
  static mailed = deferred();

  @Task('mail', { durable: true })
  mail() {
    Work.ran.push('mail');
    Work.mailed.resolve();
  }

  @Task('resize', { durable: true, queue: 'media' })
  async resize() {
    Work.ran.push('resize');
    await Work.gate.promise;
  }
}

let act: (tasks: Tasks) => void = () => {};

@Controller()
class Orders {
  @Post()
  create(@Tasks() tasks: Tasks) {
    act(tasks);
  }
}

function withQueues(): StoringEngine {
  const engine = new StoringEngine();
  engine.features = ['queues'];
  return engine;
}

describe.each(platforms)('named queues over $name', (platform) => {
  const start = (engine: DurableEngine): Promise<TestApp> =>
    createApp(platform, {
      tasks: { engine },
      providers: [Work],
      controllers: [Orders],
    });
  const post = async (app: TestApp, todo: (tasks: Tasks) => void) => {
    act = todo;
    return app.request('/', { method: 'POST' });
  };

  it('are those of the call, else of the declaration, else the default one', async () => {
    const engine = withQueues();
    const app = await start(engine);
    const { status } = await post(app, ({ afterRoute }) => {
      afterRoute.of(Work).mail();
      afterRoute.of(Work).resize();
      afterRoute.task({ queue: 'mail.vip' }).of(Work).mail();
      afterRoute.task({ queue: 'default' }).of(Work).resize();
      afterRoute.schedule(Elsewhere, 'x');
    });
    expect(status).toBe(201);
    expect(engine.jobs.map(({ queue }) => queue)).toEqual([
      undefined,
      'media',
      'mail.vip',
      undefined,
      'theirs',
    ]);
    expect(engine.host?.queues).toEqual(['default', 'media']);
  });

  it.each<[TaskOptions, RegExp]>([
    [{ queue: '' }, /`queue` must be a name of at most 100 letters/],
    [{ queue: 'a:b' }, /`queue` must be a name/],
    [{ queue: 'a b' }, /`queue` must be a name/],
    [{ queue: 'q'.repeat(101) }, /`queue` must be a name/],
    [{ queue: 3 as never }, /`queue` must be a name/],
  ])('refuse %j where it is given', async (options, message) => {
    const app = await start(withQueues());
    await post(app, (tasks) => {
      const refused = expect.objectContaining({
        code: 'TASK_INVALID_OPTION',
        message: expect.stringMatching(message),
      });
      expect(() => tasks.task(options)).toThrow(refused);
      expect(() =>
        taskContract('broken', { durable: true, ...options }),
      ).toThrow(refused);
      expect(() => Task('broken', options)({}, 'x', { value() {} })).toThrow(
        refused,
      );
    });
    expect.assertions(3);
  });

  it('are for durable tasks', async () => {
    const app = await start(withQueues());
    await post(app, (tasks) => {
      expect(() => tasks.task({ queue: 'media' }).schedule(() => {})).toThrow(
        /`queue` is for durable tasks/,
      );
    });
    expect.assertions(1);
  });

  it('of a worker let each other run', async () => {
    [Work.ran, Work.gate, Work.mailed] = [[], deferred(), deferred()];
    const app = await start(inProcessEngine({ worker: { concurrency: 2 } }));
    await post(app, ({ afterRoute }) => {
      for (let n = 0; n < 10; n += 1) afterRoute.of(Work).resize();
      afterRoute.of(Work).mail();
    });
    await Work.mailed.promise;
    expect(Work.ran.toSorted()).toEqual(['mail', 'resize', 'resize']);
    Work.gate.resolve();
    await app.app.close();
  });
});

const platform = platforms[0] as Platform;

async function warningsOf(
  options: InProcessEngineOptions,
  todo: (tasks: AppTasks) => void = () => {},
): Promise<string[]> {
  const app = await createApp(platform, {
    tasks: { engine: inProcessEngine(options) },
    providers: [Work],
  });
  todo(app.tasks);
  await app.app.close();
  return app.log.messages('warn').filter((line) => line.includes('queue "'));
}

describe('a queue that this process does not work', () => {
  it('is warned of at bootstrap when a declared task names it', async () => {
    expect(await warningsOf({ worker: { queues: { default: 1 } } })).toEqual([
      expect.stringMatching(
        /^Task "resize" is stored in the queue "media", which this process does not work.*\{ "media": 0 \}/,
      ),
    ]);
    expect(await warningsOf({ worker: { queues: { media: 1 } } })).toEqual([
      expect.stringMatching(/^Task "mail" is stored in the queue "default"/),
    ]);
  });

  it('is not warned of when the options leave it to others, or work it', async () => {
    const all = { default: 1, media: { concurrency: 2 } };
    expect(await warningsOf({ worker: { queues: all } })).toEqual([]);
    const others = { default: 1, media: 0 };
    expect(await warningsOf({ worker: { queues: others } })).toEqual([]);
    expect(await warningsOf({})).toEqual([]);
  });

  it('is warned of once when calls name it, unless their task runs elsewhere', async () => {
    const schedule = (tasks: AppTasks) => {
      tasks.task({ queue: 'vip' }).of(Work).mail();
      tasks.task({ queue: 'vip' }).of(Work).mail();
      tasks.schedule(Elsewhere, 'x');
    };
    expect(await warningsOf({}, schedule)).toEqual([
      expect.stringMatching(/^Task "mail" is stored in the queue "vip"/),
    ]);
  });
});

describe('a queue in the options of a worker', () => {
  it.each<[() => unknown, RegExp]>([
    [
      () => inProcessEngine({ worker: { queues: {} } }),
      /`worker.queues` must be an object with a number or options per queue/,
    ],
    [
      () => inProcessEngine({ worker: { queues: { 'a:b': 1 } } }),
      /`a queue in worker.queues` must be a name/,
    ],
    [
      () => inProcessEngine({ worker: { queues: { media: -1 } } }),
      /`worker.queues.media` must be/,
    ],
    [
      () => bullmq({ media: { concurrency: 'two' as never } }),
      /`worker.queues.media.concurrency` must be/,
    ],
    [
      () => bullmq({ media: { limiter: { max: 1 } as never } }),
      /`worker.queues.media.limiter` must be an object with `max` and `duration`/,
    ],
    [
      () => bullmq({ media: { lanes: 2 } as never }),
      /`worker.queues.media` have no `lanes`/,
    ],
    [
      () =>
        inProcessEngine({
          worker: { queues: { mail: { limiter: {} } as never } },
        }),
      /`worker.queues.mail.limiter` must not be set, as inProcessEngine\(\) has no limiter.*bullmqEngine\(\)/,
    ],
  ])('is checked: %p', (create, message) => {
    expect(create).toThrow(
      expect.objectContaining({
        code: 'TASK_INVALID_OPTION',
        message: expect.stringMatching(message),
      }),
    );
  });
});

it('is refused at bootstrap by an engine without queues', async () => {
  const app = createApp(platform, {
    tasks: { engine: new StoringEngine() },
    providers: [Work],
  });
  await expect(app).rejects.toMatchObject({
    code: 'TASK_INVALID_OPTION',
    message: expect.stringMatching(
      /"resize" has a `queue`.*"storing".*"queues"/,
    ),
  });
});

function bullmq(queues: WorkerQueues<BullmqQueueOptions>): DurableEngine {
  return bullmqEngine({ connection: {}, worker: { queues } });
}
