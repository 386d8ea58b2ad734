import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Injectable, Post } from '@nestjs/common';
import {
  Task,
  Tasks,
  type DurableEngine,
  type TaskOptions,
} from 'nestjs-tasks';
import { closeApps, createApp } from '../support/create-app.js';
import { StoringEngine } from './support/storing-engine.js';
import { platforms } from '../support/platforms.js';

afterEach(closeApps);

@Injectable()
class Mail {
  @Task('mail', { durable: true })
  send() {}
}

let options: TaskOptions = {};

@Controller()
class Orders {
  @Post()
  create(@Tasks() tasks: Tasks) {
    tasks.afterRoute.task(options).of(Mail).send();
  }
}

function withDelays(): StoringEngine {
  const engine = new StoringEngine();
  engine.features = ['delay'];
  return engine;
}

describe.each(platforms)('delayed durable tasks over $name', (platform) => {
  const post = async (engine: DurableEngine) => {
    const { request } = await createApp(platform, {
      tasks: { engine },
      providers: [Mail],
      controllers: [Orders],
    });
    return request('/', { method: 'POST' });
  };

  it('are stored at once, as the response says, and with their delay', async () => {
    const engine = withDelays();
    options = { delay: '2h' };
    expect((await post(engine)).status).toBe(201);
    expect(engine.jobs).toMatchObject([{ delayMs: 7_200_000 }]);
  });

  it('are stored with their date', async () => {
    const engine = withDelays();
    options = { at: new Date('2030-01-01') };
    expect((await post(engine)).status).toBe(201);
    expect(engine.jobs).toMatchObject([{ dueAt: Date.UTC(2030, 0) }]);
  });

  it('fail the route when they cannot be stored, as it cannot wait for their delay', async () => {
    const engine = withDelays();
    engine.answer = () => Promise.reject(new Error('down'));
    options = { delay: '2h', required: true };
    expect((await post(engine)).status).toBeGreaterThanOrEqual(500);
  });

  it('are refused by an engine that has no delays', async () => {
    options = { delay: '2h' };
    const response = await post(new StoringEngine());
    expect(response.status).toBe(500);
  });
});

it.each(platforms)(
  'over $name a declared task whose delay its engine cannot keep is refused at bootstrap',
  async (platform) => {
    @Injectable()
    class Reminders {
      @Task('remind', { durable: true, delay: '1d' })
      send() {}
    }
    const app = createApp(platform, {
      tasks: { engine: new StoringEngine() },
      providers: [Reminders],
    });
    await expect(app).rejects.toMatchObject({
      code: 'TASK_INVALID_OPTION',
      message: expect.stringMatching(/"remind" .*delay.*"storing"/),
    });
  },
);
