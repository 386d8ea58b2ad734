import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import {
  Field,
  GraphQLModule,
  ObjectType,
  Parent,
  Query,
  ResolveField,
  Resolver,
} from '@nestjs/graphql';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Tasks } from 'nestjs-tasks';
import { turn } from '../support/manual-clock.js';
import { platforms } from '../support/platforms.js';
import { closeTestedApps, createTestedApp, modes } from './tested-app.js';

const none = { succeeded: 0, failed: 0, skipped: 0, dropped: 0, errors: [] };

@ObjectType()
class Author {
  @Field(() => String)
  name!: string;
}

@Resolver(() => Author)
class AuthorResolver {
  @Query(() => Author)
  author(@Tasks() tasks: Tasks) {
    tasks.afterResponse.task({ name: 'of the query' }).schedule(() => turn());
    return { name: 'Ada' };
  }

  @ResolveField(() => String)
  greeting(@Parent() { name }: Author, @Tasks() tasks: Tasks) {
    tasks.afterRoute.task({ name: 'of the field' }).schedule(() => turn());
    tasks.afterResponse.task({ name: 'of the field' }).schedule(() => turn());
    return `Hello, ${name}`;
  }
}

describe.each(platforms)('GraphQL over $name', (platform) => {
  afterEach(closeTestedApps);

  it.each(modes)('is one scope of many calls, %s', async (mode) => {
    const { send, tester } = await createTestedApp(platform, {
      mode,
      imports: [
        GraphQLModule.forRoot<ApolloDriverConfig>({
          driver: ApolloDriver,
          autoSchemaFile: true,
        }),
      ],
      providers: [AuthorResolver],
    });

    const { body } = await send('graphql', {
      method: 'POST',
      body: JSON.stringify({ query: '{ author { greeting } }' }),
      headers: { 'content-type': 'application/json' },
    });

    expect(JSON.parse(body)).toEqual({
      data: { author: { greeting: 'Hello, Ada' } },
    });
    const succeeded = tester.scheduled({ status: 'succeeded' });
    if (mode === 'inline') expect(succeeded).toHaveLength(3);
    if (mode === 'manual') expect(succeeded).toHaveLength(0);
    expect(await tester.drain()).toEqual({ ...none, succeeded: 3 });
  });
});
