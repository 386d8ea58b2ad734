import { afterEach, describe, expect, it } from '@jest/globals';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import {
  ConflictException,
  Controller,
  Get,
  Injectable,
  Param,
} from '@nestjs/common';
import { GraphQLModule, Query, Resolver } from '@nestjs/graphql';
import { currentTasks, Tasks } from 'nestjs-tasks';
import { of } from 'rxjs';
import { closeApps, createApp } from '../support/create-app.js';
import { deferred } from '../support/deferred.js';
import { turn } from '../support/manual-clock.js';
import { platforms } from '../support/platforms.js';

afterEach(closeApps);

describe.each(platforms)('currentTasks() over $name', (platform) => {
  const ran: string[] = [];
  const note = (what: string) => void ran.push(what);

  /** A singleton without access to the request. */
  @Injectable()
  class AuditService {
    async record(what: string): Promise<void> {
      await turn();
      currentTasks().afterRoute.schedule(async () => {
        await turn();
        note(`${what}, after route`);
      });
      currentTasks().afterResponse.schedule(note, `${what}, after response`);
    }
  }

  let both = deferred();
  let entered = 0;

  @Controller()
  class AmbientController {
    constructor(private readonly audit: AuditService) {}

    @Get('plain')
    async plain() {
      await this.audit.record('plain');
      return 'value';
    }

    @Get('observable')
    observable() {
      currentTasks().afterRoute.schedule(note, 'observable');
      return of('value');
    }

    @Get('decorated')
    async decorated(@Tasks() tasks: Tasks) {
      tasks.afterRoute.schedule(note, 'by the decorator');
      await this.audit.record('decorated');
      return tasks === currentTasks();
    }

    @Get('nested')
    nested() {
      currentTasks().schedule(async () => {
        await turn();
        await this.audit.record('in a task');
      });
    }

    @Get('fails')
    async fails() {
      await this.audit.record('fails');
      throw new ConflictException();
    }

    @Get('concurrent/:id')
    async concurrent(@Param('id') id: string) {
      currentTasks().afterResponse.task({ name: 'same' }).schedule(note, id);
      if (++entered === 2) both.resolve();
      await both.promise;
      if (id === 'b') currentTasks().afterResponse.cancel('same');
    }
  }

  @Resolver()
  class AmbientResolver {
    constructor(private readonly audit: AuditService) {}

    @Query(() => String)
    async ambient() {
      await this.audit.record('resolver');
      return 'value';
    }

    @Query(() => String)
    async decorated(@Tasks() tasks: Tasks) {
      await this.audit.record('decorated resolver');
      return String(tasks === currentTasks());
    }
  }

  async function create(ambient: boolean) {
    ran.length = 0;
    both = deferred();
    entered = 0;
    return createApp(platform, {
      imports: [
        GraphQLModule.forRoot<ApolloDriverConfig>({
          driver: ApolloDriver,
          autoSchemaFile: true,
        }),
      ],
      controllers: [AmbientController],
      providers: [AuditService, AmbientResolver],
      tasks: { ambient },
    });
  }

  it.each([
    ['plain', 'value', ['plain, after route', 'plain, after response']],
    ['observable', 'value', ['observable']],
    [
      'decorated',
      'true',
      [
        'by the decorator',
        'decorated, after route',
        'decorated, after response',
      ],
    ],
    ['fails', expect.stringContaining('409'), []],
  ])(
    'returns the tasks of the request in singleton services (%s)',
    async (path, body, expected) => {
      const { request, tester } = await create(true);

      const text = await (await request(`/${path}`)).text();
      const beforeResponse = ran.length;
      await tester.settled();

      expect(text).toEqual(body);
      expect(ran).toEqual(expected);
      expect(beforeResponse).toBeGreaterThanOrEqual(
        expected.filter((what) => what.includes('after route')).length,
      );
    },
  );

  it('works in tasks', async () => {
    const { request, tester } = await create(true);

    await request('/nested');
    await tester.settled();

    expect(ran.sort()).toEqual([
      'in a task, after response',
      'in a task, after route',
    ]);
  });

  it('does not mix up requests that run at the same time', async () => {
    const { request, tester } = await create(true);

    await Promise.all([request('/concurrent/a'), request('/concurrent/b')]);
    await tester.settled();

    expect(ran).toEqual(['a']);
  });

  it('works in resolvers', async () => {
    const { request, tester } = await create(true);

    const response = await request('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ ambient decorated }' }),
    });
    expect(await response.json()).toEqual({
      data: { ambient: 'value', decorated: 'true' },
    });
    await tester.settled();

    expect(ran.sort()).toEqual([
      'decorated resolver, after response',
      'decorated resolver, after route',
      'resolver, after response',
      'resolver, after route',
    ]);
  });

  it('works in scopes outside requests', async () => {
    const { tasks, tester, app } = await create(true);

    await tasks.runInScope(() => app.get(AuditService).record('unit'));
    await tester.settled();

    expect(ran).toEqual(['unit, after route', 'unit, after response']);
  });

  it('throws without the option and outside requests, and suggests a fix', async () => {
    const { request, app } = await create(false);

    expect((await request('/plain')).status).toBe(500);
    await expect(app.get(AuditService).record('outside')).rejects.toMatchObject(
      {
        code: 'TASK_SCOPE_MISSING',
        message: expect.stringMatching(/`ambient: true`.*AppTasks/),
      },
    );
  });
});
