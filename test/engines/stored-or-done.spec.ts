import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Injectable, Post } from '@nestjs/common';
import {
  Task,
  Tasks,
  type DurableEngine,
  type TaskEvent,
  type TaskOptions,
} from 'nestjs-tasks';
import { TasksTester } from 'nestjs-tasks/testing';
import { closeApps, createApp } from '../support/create-app.js';
import { deferred } from '../support/deferred.js';
import { platforms } from '../support/platforms.js';
import { StoringEngine } from './support/storing-engine.js';

afterEach(closeApps);

/** What a task of the application does when it runs here. */
let work: (what: string) => unknown = () => {};

@Injectable()
class Mail {
  @Task('mail', { durable: true })
  send(what: string): unknown {
    return work(what);
  }
}

/** What the route schedules. */
let handle: (tasks: Tasks) => unknown = () => {};

@Controller()
class MailController {
  @Post()
  handle(@Tasks() tasks: Tasks): unknown {
    return handle(tasks);
  }
}

function sends(options: TaskOptions = {}): typeof handle {
  return (tasks) => void tasks.afterRoute.task(options).of(Mail).send('it');
}

const DOWN = () => Promise.reject(new Error('ECONNREFUSED'));

describe.each(platforms)('a response over $name', (platform) => {
  async function open(engine: DurableEngine) {
    const events: TaskEvent[] = [];
    const app = await createApp(platform, {
      tasks: { engine, observers: [(event) => void events.push(event)] },
      providers: [Mail],
      controllers: [MailController],
    });
    return {
      ...app,
      tester: TasksTester.for(app.app),
      post: () => app.request('/', { method: 'POST' }),
      story: () => events.map(({ type }) => type),
    };
  }

  it('waits until its durable after-route task has succeeded here when it cannot be stored', async () => {
    const engine = new StoringEngine();
    engine.answer = DOWN;
    const gate = deferred();
    let isAnswered = false;
    const app = await open(engine);
    const begun = deferred();
    work = () => {
      begun.resolve();
      return gate.promise;
    };
    handle = sends();
    const response = app.post().then((got) => {
      isAnswered = true;
      return got;
    });
    await begun.promise;
    await new Promise(setImmediate);
    expect(isAnswered).toBe(false);
    gate.resolve();
    expect((await response).status).toBe(201);
    expect(app.story()).toEqual([
      'scheduled',
      'fallback',
      'started',
      'succeeded',
    ]);
  });

  it('is a failure when the task can neither be stored nor succeeds here', async () => {
    const engine = new StoringEngine();
    engine.answer = DOWN;
    work = () => {
      throw new Error('refused');
    };
    handle = sends();
    const app = await open(engine);
    expect((await app.post()).status).toBe(500);
  });

  it("says 503 when the store is to blame, with `fallback: 'fail'`", async () => {
    const engine = new StoringEngine('fail');
    engine.answer = DOWN;
    handle = sends();
    const app = await open(engine);
    const response = await app.post();
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({
      statusCode: 503,
      error: 'Service Unavailable',
      message: 'A task of this request could not be stored. Try again later.',
    });
    await app.tester.settled();
    expect(app.log.messages('error')).toContainEqual(
      expect.stringContaining('could not be stored by storing: ECONNREFUSED'),
    );
  });

  it('says so as well where a handler waits for nothing else', async () => {
    const engine = new StoringEngine('fail');
    engine.answer = DOWN;
    handle = (tasks) => {
      tasks.of(Mail).send('now');
      tasks.afterRoute.of(Mail).send('then');
      tasks.afterResponse.of(Mail).send('last');
    };
    const app = await open(engine);
    expect((await app.post()).status).toBe(503);
    await app.tester.settled();
    expect(app.tester.scheduled({ status: 'skipped' })).toHaveLength(1);
  });

  it('does not fail with a task of `required: false`', async () => {
    const engine = new StoringEngine('fail');
    engine.answer = DOWN;
    handle = sends({ required: false });
    const app = await open(engine);
    expect((await app.post()).status).toBe(201);
    await app.tester.settled();
    app.tester.assertScheduled({ name: 'mail', status: 'failed' });
  });

  it('depends on each of its tasks, which do not share their fate', async () => {
    const engine = new StoringEngine();
    engine.answer = async (jobs) =>
      jobs.map(({ id }, index) =>
        index === 1 ? new Error('its key is locked') : `job of ${id}`,
      );
    const ran: string[] = [];
    work = (what) => void ran.push(what);
    handle = (tasks) => {
      for (const what of ['a', 'b', 'c']) tasks.afterRoute.of(Mail).send(what);
    };
    const app = await open(engine);
    expect((await app.post()).status).toBe(201);
    await app.tester.settled();
    expect(ran).toEqual(['b']);
    expect(app.tasks.stats).toMatchObject({ enqueued: 2, succeeded: 1 });
    expect(app.log.messages('warn')).toEqual([
      expect.stringContaining('its key is locked'),
    ]);
    expect(engine.cancelled).toEqual([]);
  });
});

describe('tasks that are stored', () => {
  const open = (engine: DurableEngine) =>
    createApp(platforms[0]!, { tasks: { engine }, providers: [Mail] });

  it('after they were given up are taken back, except those that another call may rely on', async () => {
    const engine = new StoringEngine(undefined, 1);
    const stored = deferred();
    engine.answer = () => stored.promise;
    const ran: string[] = [];
    work = (what) => void ran.push(what);
    const app = await open(engine);
    const plain = app.tasks.of(Mail).send('plain');
    app.tasks.task({ key: 'k' }).of(Mail).send('with a key');
    await app.tasks.idle();
    expect(ran).toEqual(['plain', 'with a key']);
    stored.resolve();
    await new Promise(setImmediate);
    expect(engine.cancelled).toEqual([`job of ${plain.id}`]);
  });

  it('and have begun before they could be taken back are named', async () => {
    class Begun extends StoringEngine {
      override async cancel() {
        return false;
      }
    }
    const engine = new Begun(undefined, 1);
    const stored = deferred();
    engine.answer = () => stored.promise;
    const app = await open(engine);
    app.tasks.of(Mail).send('it');
    await app.tasks.idle();
    stored.resolve();
    await new Promise(setImmediate);
    expect(app.log.messages('warn').at(-1)).toMatch(/its job .* has begun/);
  });

  it('are handed over in parts of limited size, and no further ones to a store that does not answer', async () => {
    const engine = new StoringEngine(undefined, 50);
    const ran: string[] = [];
    work = (what) => void ran.push(what.slice(0, 1));
    const app = await open(engine);
    const large = (first: string) => first + 'x'.repeat(250_000);
    for (const first of ['1', '2', '3', '4', '5', '6']) {
      app.tasks.of(Mail).send(large(first));
    }
    await app.tasks.idle();
    expect(engine.calls.map(({ length }) => length)).toEqual([3, 3]);
    expect(ran).toEqual([]);

    engine.answer = () => new Promise(() => {});
    for (const first of ['1', '2', '3', '4', '5', '6']) {
      app.tasks.of(Mail).send(large(first));
    }
    await app.tasks.idle();
    expect(engine.calls.map(({ length }) => length)).toEqual([3, 3, 3]);
    expect(ran).toEqual(['1', '2', '3', '4', '5', '6']);
  });
});
