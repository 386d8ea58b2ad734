import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { UseInterceptors, type NestInterceptor } from '@nestjs/common';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import {
  Args,
  Field,
  GraphQLModule,
  ObjectType,
  Parent,
  Query,
  ResolveField,
  Resolver,
} from '@nestjs/graphql';
import { tap } from 'rxjs';
import { Tasks, TasksService } from 'nestjs-tasks';
import { closeApps, createApp } from '../../support/create-app.js';
import { deferred, type Deferred } from '../../support/deferred.js';
import { turn } from '../../support/manual-clock.js';
import { platforms } from '../../support/platforms.js';
import { watchWire } from './wire.js';

@ObjectType()
class Book {
  @Field(() => String)
  title!: string;
}

let order: string[] = [];
const note = (what: string) => void order.push(what);
let gate: Deferred<void>;
let entered: Deferred<void>;
let unwatch: () => void;

beforeEach(() => {
  order = [];
  gate = deferred();
  entered = deferred();
  unwatch = watchWire(note);
});

afterEach(async () => {
  unwatch();
  await closeApps();
});

class NotingInterceptor implements NestInterceptor {
  intercept: NestInterceptor['intercept'] = (_context, next) =>
    next.handle().pipe(tap(() => note('interceptor')));
}

function scheduleBoth(tasks: Tasks, name: string): void {
  tasks.afterResponse.schedule(() => note(`${name} after response`));
  tasks.afterRoute.schedule(async () => {
    await turn();
    note(`${name} after route`);
  });
}

@Resolver(() => Book)
class BookResolver {
  @Query(() => [Book])
  books(@Args('count') count: number): Book[] {
    return Array.from({ length: count }, (_, index) => ({
      title: `book ${index}`,
    }));
  }

  @ResolveField(() => String)
  @UseInterceptors(NotingInterceptor)
  summary(@Parent() { title }: Book, @Tasks() tasks: Tasks) {
    scheduleBoth(tasks, title);
    return `<summary> of ${title}`;
  }

  @Query(() => String)
  async patient(@Tasks() tasks: Tasks) {
    scheduleBoth(tasks, 'patient');
    tasks.afterResponse.schedule(() => note('done'));
    entered.resolve();
    await gate.promise;
    return '<patient>';
  }
}

@Resolver()
class ServiceResolver {
  constructor(private readonly service: TasksService) {}

  @Query(() => String)
  async served(@Tasks() tasks: Tasks) {
    scheduleBoth(this.service, 'service');
    scheduleBoth(tasks, 'resolver');
    this.service.schedule(() => note('immediate'));
    await turn();
    return '<served>';
  }

  @Query(() => String, { nullable: true })
  failing(): never {
    scheduleBoth(this.service, 'service');
    throw new Error('<failing>');
  }
}

describe.each(platforms)('a request of GraphQL over $name', (platform) => {
  const open = (options?: Partial<ApolloDriverConfig>) =>
    createApp(platform, {
      imports: [
        GraphQLModule.forRoot<ApolloDriverConfig>({
          driver: ApolloDriver,
          autoSchemaFile: true,
          ...options,
        }),
      ],
      providers: [BookResolver, ServiceResolver],
    });
  const queryOf = (
    query: string,
  ): RequestInit & {
    headers: Record<string, string>;
  } => ({
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });

  it('with a hundred resolver calls drains each, and runs all after-response tasks in order after the single response', async () => {
    const { request, tester } = await open();
    const response = await request(
      '/graphql',
      queryOf('{ books(count: 100) { title summary } }'),
    );
    const { data } = (await response.json()) as { data: { books: Book[] } };
    await tester.settled();

    expect(data.books).toHaveLength(100);
    const firstOnWire = order.indexOf('wire: summary');
    const before = order.slice(0, firstOnWire);
    expect(before.filter((what) => /after route/.test(what))).toHaveLength(100);
    expect(before.filter((what) => /after response/.test(what))).toEqual([]);
    expect(order.filter((what) => /after response/.test(what))).toEqual(
      Array.from({ length: 100 }, (_, index) => `book ${index} after response`),
    );
  });

  it.each<[string, ApolloDriverConfig['fieldResolverEnhancers'], string[]]>([
    ['without interceptors', [], []],
    ['with interceptors', ['interceptors'], ['interceptor']],
  ])(
    'drains the after-route tasks of field resolvers %s',
    async (_which, fieldResolverEnhancers, noted) => {
      const { request, tester } = await open({
        ...(fieldResolverEnhancers && { fieldResolverEnhancers }),
      });
      await request('/graphql', queryOf('{ books(count: 1) { summary } }'));
      await tester.settled();

      expect(order).toEqual([
        'book 0 after route',
        ...noted,
        'wire: summary',
        'book 0 after response',
      ]);
    },
  );

  it('runs the after-route tasks of TasksService after the response, because it belongs to no resolver call', async () => {
    const { request, tester } = await open();
    await request('/graphql', queryOf('{ served }'));
    await tester.settled();

    expect(order.slice(0, 3)).toEqual([
      'immediate',
      'resolver after route',
      'wire: served',
    ]);
    expect(order.slice(3).sort()).toEqual([
      'resolver after response',
      'service after response',
      'service after route',
    ]);
  });

  it('judges the tasks of TasksService by the status, which is 200 even when the resolver fails', async () => {
    const { request, tester } = await open();
    const response = await request('/graphql', queryOf('{ failing }'));
    await tester.settled();

    expect(response.status).toBe(200);
    expect(order[0]).toBe('wire: failing');
    expect(order.slice(1).sort()).toEqual([
      'service after response',
      'service after route',
    ]);
  });

  it('keeps its tasks when the client leaves before the resolver is done', async () => {
    const { request, tasks, tester } = await open();
    const controller = new AbortController();
    const response = request('/graphql', {
      ...queryOf('{ patient }'),
      signal: controller.signal,
    }).catch(() => 'left');
    await entered.promise;
    controller.abort();
    expect(await response).toBe('left');
    gate.resolve();
    await tester.settled();

    expect(order.filter((what) => !what.startsWith('wire'))).toEqual([
      'patient after route',
      'patient after response',
      'done',
    ]);
    expect(tasks.stats).toMatchObject({ succeeded: 3, scheduled: 0 });
  });
});
