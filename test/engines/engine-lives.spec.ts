import { afterEach, describe, expect, it } from '@jest/globals';
import {
  Injectable,
  Module,
  type INestApplication,
  type Type,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  AppTasks,
  Task,
  TasksModule,
  type DurableEngine,
  type EngineHost,
} from 'nestjs-tasks';
import { inProcessEngine } from 'nestjs-tasks/in-process';
import { closeApps, createApp } from '../support/create-app.js';
import { deferred } from '../support/deferred.js';
import { platforms } from '../support/platforms.js';
import { newJob } from './support/engine-bench.js';
import { StoringEngine } from './support/storing-engine.js';

afterEach(closeApps);

/** What a job of the application does. */
let work: (what: string) => unknown = () => {};

@Injectable()
class Mail {
  @Task('mail', { durable: true })
  send(what: string): unknown {
    return work(what);
  }
}

describe('`concurrency` of the module', () => {
  it('bounds durable jobs and other tasks together', async () => {
    let running = 0;
    let most = 0;
    const gate = deferred();
    const bothRun = deferred();
    const enter = async () => {
      running += 1;
      most = Math.max(most, running);
      if (running === 2) bothRun.resolve();
      await gate.promise;
      running -= 1;
    };
    work = enter;
    const ended: string[] = [];
    const { tasks } = await createApp(platforms[0]!, {
      tasks: {
        engine: inProcessEngine({ concurrency: 10 }),
        concurrency: 2,
        observers: [
          ({ type, task }) => void ended.push(`${task.name} ${type}`),
        ],
      },
      providers: [Mail],
    });
    for (let n = 0; n < 4; n += 1) tasks.of(Mail).send('job');
    tasks.schedule(enter);
    await bothRun.promise;
    for (let n = 0; n < 4; n += 1) tasks.schedule(enter);
    await new Promise(setImmediate);
    gate.resolve();
    await tasks.idle();
    while (ended.filter((end) => end === 'mail succeeded').length < 4) {
      await new Promise(setImmediate);
    }
    expect(most).toBe(2);
  });

  it('makes jobs wait, which a full backlog does not drop, and a shutdown gives back', async () => {
    const gate = deferred();
    const begun: string[] = [];
    work = (what) => {
      begun.push(what);
      return gate.promise;
    };
    const engine = new StoringEngine();
    const app = await createApp(platforms[0]!, {
      tasks: { engine, concurrency: 1, maxPending: 0 },
      providers: [Mail],
    });
    const host = engine.host as EngineHost;
    const run = (what: string) =>
      host.run(
        newJob({ task: 'mail', args: engine.codec.encode([what], 'mail') }),
        1,
      );
    const first = run('first');
    while (begun.length < 1) await new Promise(setImmediate);
    const second = run('second');
    await new Promise(setImmediate);
    const closed = app.app.close();
    expect(await second).toEqual({ status: 'returned' });
    gate.resolve();
    expect(await first).toEqual({ status: 'done' });
    await closed;
    expect(begun).toEqual(['first']);
  });
});

describe('one engine object', () => {
  function moduleOf(engine: DurableEngine): Type {
    @Module({
      imports: [TasksModule.forRoot({ engine })],
      providers: [Mail],
    })
    class AppModule {}
    return AppModule;
  }

  const open = (module: Type) =>
    NestFactory.createApplicationContext(module, { logger: false });

  it('serves applications in turn', async () => {
    const module = moduleOf(inProcessEngine());
    for (const what of ['one', 'two', 'three']) {
      const ran = deferred<string>();
      work = ran.resolve;
      const app = await open(module);
      app.get(AppTasks).of(Mail).send(what);
      expect(await ran.promise).toBe(what);
      await app.close();
    }
  });

  it('serves applications at once, whose ends do not concern the others', async () => {
    const module = moduleOf(inProcessEngine());
    const [first, second] = [await open(module), await open(module)];
    await first.close();
    const ran = deferred<string>();
    work = ran.resolve;
    second.get(AppTasks).of(Mail).send('still there');
    expect(await ran.promise).toBe('still there');
    await second.close();
  });
});

describe('the engine of an application', () => {
  async function create(engine: DurableEngine, provider: Type) {
    @Module({
      imports: [TasksModule.forRoot({ engine })],
      providers: [Mail, provider],
    })
    class AppModule {}
    return NestFactory.create(AppModule, platforms[0]!.adapter(), {
      logger: false,
      abortOnError: false,
    });
  }

  it('starts after everything else, and not at all when bootstrap fails', async () => {
    const engine = new StoringEngine();
    @Injectable()
    class Failing {
      onApplicationBootstrap() {
        throw new Error('no licence');
      }
    }
    const app = await create(engine, Failing);
    await expect(app.init()).rejects.toThrow('no licence');
    expect(engine.asked).toEqual([]);
    await app.close();
    expect(engine.asked).toEqual(['pause', 'stop']);
  });

  it('does not start when the application is closed during its bootstrap', async () => {
    const engine = new StoringEngine();
    let app!: INestApplication;
    @Injectable()
    class Closing {
      onModuleInit() {
        return app.close();
      }
    }
    app = await create(engine, Closing);
    await app.init();
    expect(engine.asked).toEqual(['pause', 'stop']);
  });

  it('is stopped, and fails the bootstrap, when it can never start', async () => {
    class Unusable extends StoringEngine {
      override start(): Promise<void> {
        return Promise.reject(new Error('Install it: npm install store'));
      }
    }
    const engine = new Unusable();
    @Injectable()
    class Nothing {}
    const app = await create(engine, Nothing);
    await expect(app.init()).rejects.toThrow('npm install store');
    expect(engine.asked).toEqual(['stop']);
  });

  it.each(['pause', 'stop'] as const)(
    'holds up no shutdown when its %s() throws, and is logged once',
    async (method) => {
      const engine = new StoringEngine();
      engine[method] = () => {
        throw new Error('not connected');
      };
      const seen: string[] = [];
      @Injectable()
      class Database {
        onModuleDestroy = () => void seen.push('destroyed');
        onApplicationShutdown = () => void seen.push('shut down');
      }
      const { app, log } = await createApp(platforms[0]!, {
        tasks: { engine },
        providers: [Mail, Database],
      });
      await app.close();
      expect(seen).toEqual(['destroyed', 'shut down']);
      expect(log.messages('error')).toEqual([
        expect.stringMatching(/"storing" failed .*: not connected$/),
      ]);
    },
  );

  it('stops when the shutdown of another provider fails', async () => {
    const engine = new StoringEngine();
    @Injectable()
    class Failing {
      onModuleDestroy() {
        throw new Error('not connected');
      }
    }
    const app = await create(engine, Failing);
    await app.init();
    await app.close().catch(() => {});
    expect(engine.asked).toEqual(['start', 'pause', 'stop']);
  });
});
