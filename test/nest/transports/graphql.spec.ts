import { afterEach, describe, expect, it } from '@jest/globals';
import {
  ConflictException,
  Injectable,
  Module,
  UseGuards,
  type CanActivate,
} from '@nestjs/common';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import {
  Args,
  Field,
  GraphQLModule,
  Mutation,
  ObjectType,
  Parent,
  Query,
  ResolveField,
  Resolver,
} from '@nestjs/graphql';
import { Tasks, TasksService } from 'nestjs-tasks';
import { closeApps, createApp } from '../../support/create-app.js';
import { turn } from '../../support/manual-clock.js';
import { platforms } from '../../support/platforms.js';

afterEach(closeApps);

@ObjectType()
class Author {
  @Field(() => String)
  name!: string;
}

describe.each(platforms)('GraphQL over $name', (platform) => {
  const order: string[] = [];

  @Injectable()
  class SchedulingGuard implements CanActivate {
    constructor(private readonly tasks: TasksService) {}
    canActivate(): boolean {
      for (const phase of ['afterRoute', 'afterResponse'] as const) {
        this.tasks[phase].schedule(() => void order.push(`guard ${phase}`));
      }
      return true;
    }
  }

  function scheduleAll(tasks: Tasks, name: string): void {
    for (const runOn of ['success', 'failure'] as const) {
      tasks.afterResponse
        .task({ runOn })
        .schedule(() => void order.push(`${name} after response ${runOn}`));
      tasks.afterRoute.task({ runOn }).schedule(async () => {
        await turn();
        order.push(`${name} after route ${runOn}`);
      });
    }
  }

  @Resolver(() => Author)
  class AuthorResolver {
    @Query(() => Author)
    async author(@Args('name') name: string, @Tasks() tasks: Tasks) {
      scheduleAll(tasks, name);
      order.push(`${name} resolver`);
      return { name };
    }

    @Query(() => Author, { nullable: true })
    missing(@Tasks() tasks: Tasks): Author {
      scheduleAll(tasks, 'missing');
      throw new ConflictException();
    }

    @Mutation(() => Author)
    rename(@Args('name') name: string, @Tasks() tasks: Tasks) {
      scheduleAll(tasks, name);
      return { name };
    }

    @ResolveField(() => String)
    greeting(@Parent() author: Author, @Tasks() tasks: Tasks) {
      scheduleAll(tasks, `greeting of ${author.name}`);
      return `Hello, ${author.name}`;
    }

    @Query(() => String)
    required(@Tasks() tasks: Tasks) {
      tasks.afterRoute.task({ required: true }).schedule(() => {
        throw new ConflictException('taken');
      });
      return 'value';
    }

    @Query(() => String)
    @UseGuards(SchedulingGuard)
    guarded() {
      return 'value';
    }
  }

  @Module({
    imports: [
      GraphQLModule.forRoot<ApolloDriverConfig>({
        driver: ApolloDriver,
        autoSchemaFile: true,
      }),
    ],
    providers: [AuthorResolver],
  })
  class AuthorModule {}

  async function query(text: string) {
    order.length = 0;
    const { request, tester, log } = await createApp(platform, {
      imports: [AuthorModule],
    });
    const response = await request('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: text }),
    });
    const status = response.status;
    const { data, errors } = (await response.json()) as {
      data: unknown;
      errors?: { message: string }[];
    };
    order.push('response');
    await tester.settled();
    return { status, data, errors, log };
  }

  it('drains after-route tasks per resolver, and runs after-response tasks once per request', async () => {
    const { status, data } = await query(
      '{ a: author(name: "a") { name } b: author(name: "b") { name } }',
    );

    expect({ status, data }).toEqual({
      status: 200,
      data: { a: { name: 'a' }, b: { name: 'b' } },
    });
    const at = (what: string) => order.indexOf(what);
    for (const name of ['a', 'b']) {
      expect(at(`${name} resolver`)).toBeLessThan(
        at(`${name} after route success`),
      );
      expect(at(`${name} after route success`)).toBeLessThan(at('response'));
    }
    const afterResponse = order.filter((what) =>
      what.includes('after response'),
    );
    expect(afterResponse).toEqual([
      'a after response success',
      'b after response success',
    ]);
  });

  it('judges each task by the resolver that scheduled it, although the response is 200', async () => {
    const { status, data, errors } = await query(
      '{ missing { name } author(name: "a") { name } }',
    );

    expect({ status, data }).toEqual({
      status: 200,
      data: { missing: null, author: { name: 'a' } },
    });
    expect(errors).toHaveLength(1);
    expect(order.filter((what) => /after/.test(what)).sort()).toEqual([
      'a after response success',
      'a after route success',
      'missing after response failure',
      'missing after route failure',
    ]);
  });

  it('works in mutations, whose calls come one after the other', async () => {
    await query(
      'mutation { first: rename(name: "first") { name } second: rename(name: "second") { name } }',
    );

    expect(order.indexOf('first after route success')).toBeLessThan(
      order.indexOf('second after route success'),
    );
    expect(order.filter((what) => /after response/.test(what))).toEqual([
      'first after response success',
      'second after response success',
    ]);
  });

  it('works in field resolvers', async () => {
    const { data } = await query('{ author(name: "a") { greeting } }');

    expect(data).toEqual({ author: { greeting: 'Hello, a' } });
    expect(order).toContain('greeting of a after response success');
    expect(order.indexOf('greeting of a after route success')).toBeLessThan(
      order.indexOf('response'),
    );
  });

  it('fails a resolver with the error of its required task', async () => {
    const { errors } = await query('{ required }');

    expect(errors?.map(({ message }) => message)).toEqual(['taken']);
  });

  it('counts a status of 400 or above as failure for all', async () => {
    const { status } = await query('{ author(name: "a") { unknown } }');

    expect(status).toBe(400);
    expect(order).toEqual(['response']);
  });

  it('injects TasksService into the enhancers of a resolver, whose tasks follow the response', async () => {
    await query('{ guarded }');

    expect(order.filter((what) => what !== 'response')).toEqual([
      'guard afterRoute',
      'guard afterResponse',
    ]);
  });
});
