import { createReadStream } from 'node:fs';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  afterAll,
  afterEach,
  beforeAll,
  describe,
  expect,
  it,
} from '@jest/globals';
import {
  Controller,
  ForbiddenException,
  Get,
  Injectable,
  Res,
  Sse,
  StreamableFile,
  UseGuards,
  type CanActivate,
} from '@nestjs/common';
import { Tasks, TasksService } from 'nestjs-tasks';
import { TasksTester } from 'nestjs-tasks/testing';
import { from } from 'rxjs';
import { deferred } from '../support/deferred.js';
import { turn } from '../support/manual-clock.js';
import { platforms } from '../support/platforms.js';
import { RawClient } from '../support/raw-client.js';
import { closeTestedApps, createTestedApp } from './tested-app.js';

/** Repeated, so that a race would show in one of the runs. */
const TIMES = 5;

describe.each(platforms)('drain() after a response over $name', (platform) => {
  let folder: string;
  let file: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nestjs-tasks-'));
    file = join(folder, 'file');
    await writeFile(file, Buffer.alloc(1_000_000, 'x'));
  });
  afterAll(() => rm(folder, { recursive: true }));
  afterEach(closeTestedApps);

  @Injectable()
  class RejectingGuard implements CanActivate {
    constructor(private readonly tasks: TasksService) {}

    canActivate(): boolean {
      this.tasks.afterResponse
        .task({ runOn: 'failure' })
        .schedule(() => 'rejected');
      throw new ForbiddenException('x'.repeat(1_000_000));
    }
  }

  @Controller()
  class FilesController {
    @Get('small')
    small(@Tasks() tasks: Tasks) {
      tasks.afterResponse.schedule(() => 'done');
      return { ok: true };
    }

    @Get('large')
    large(@Tasks() tasks: Tasks) {
      tasks.afterResponse.schedule(() => 'done');
      return 'x'.repeat(2_000_000);
    }

    @Get('length')
    async length(@Tasks() tasks: Tasks) {
      tasks.afterResponse.schedule(() => 'done');
      const { size } = await stat(file);
      return new StreamableFile(createReadStream(file), { length: size });
    }

    @Get('chunks')
    chunks(@Tasks() tasks: Tasks) {
      tasks.afterResponse.schedule(() => 'done');
      const chunks = ['a', 'b'].map((text) => Buffer.from(text));
      return new StreamableFile(Readable.from(chunks));
    }

    @Get('res')
    res(@Tasks() tasks: Tasks, @Res() res: { send(body: string): void }) {
      tasks.afterResponse.schedule(() => 'done');
      res.send('x'.repeat(1_000_000));
    }

    @Sse('sse')
    sse(@Tasks() tasks: Tasks) {
      tasks.afterResponse.schedule(() => 'done');
      return from([{ data: 'a' }, { data: 'b' }]);
    }

    @UseGuards(RejectingGuard)
    @Get('rejected')
    rejected() {}
  }

  it.each([
    ['GET', 'small'],
    ['GET', 'large'],
    ['GET', 'length'],
    ['HEAD', 'length'],
    ['GET', 'chunks'],
    ['GET', 'res'],
    ['GET', 'sse'],
    ['GET', 'rejected'],
  ])(
    'runs the tasks that the response to %s /%s made due',
    async (method, path) => {
      const { send, tester } = await createTestedApp(platform, {
        mode: 'manual',
        controllers: [FilesController],
        providers: [RejectingGuard],
      });
      for (let time = 0; time < TIMES; time += 1) {
        await send(path, { method });

        expect(await tester.drain()).toMatchObject({ succeeded: 1 });
      }
    },
  );

  /** A download whose end the test controls. */
  async function download(length: number | undefined) {
    const source = new Readable({ read() {} });
    @Controller()
    class DownloadController {
      @Get()
      handle(@Tasks() tasks: Tasks) {
        tasks.afterResponse.schedule(() => 'done');
        return new StreamableFile(source, { ...(length && { length }) });
      }
    }
    const tested = await createTestedApp(platform, {
      mode: 'manual',
      controllers: [DownloadController],
    });
    const client = await RawClient.connect(tested.url);
    client.get('/');
    source.push('12345');
    return { ...tested, source, client };
  }

  it('waits until the server notices the end of a response that the client has received', async () => {
    const { client, source, tester } = await download(5);
    await client.response();
    const drained = tester.drain();
    await turn();
    await turn();
    await turn();
    source.push(null);

    expect(await drained).toMatchObject({ succeeded: 1 });
    client.close();
  });

  it('waits until the server notices that the client has left', async () => {
    const { client, tester } = await download(undefined);
    await client.firstBytes();
    client.hangUp();

    expect(await tester.drain()).toMatchObject({ succeeded: 1 });
  });

  it('leaves tasks for later whose response is still under way', async () => {
    const { app, client, source, tester } = await download(undefined);
    const hasty = TasksTester.for(app, { timeout: '20ms' });
    await client.firstBytes();

    expect(await hasty.drain()).toMatchObject({ succeeded: 0 });
    expect(tester.scheduled({ status: 'scheduled' })).toHaveLength(1);

    source.push(null);
    expect(await tester.drain()).toMatchObject({ succeeded: 1 });
    client.close();
  });

  it('does not wait for handlers that are still running', async () => {
    const called = deferred();
    const mayEnd = deferred();
    @Controller()
    class WaitingController {
      @Get()
      async handle(@Tasks() tasks: Tasks) {
        tasks.schedule(() => 'immediate');
        tasks.afterRoute.schedule(() => 'after-route');
        tasks.afterResponse.schedule(() => 'after-response');
        called.resolve();
        await mayEnd.promise;
      }
    }
    const { send, tester } = await createTestedApp(platform, {
      mode: 'manual',
      controllers: [WaitingController],
    });
    const response = send('');
    await called.promise;

    expect(await tester.drain()).toMatchObject({ succeeded: 1 });

    mayEnd.resolve();
    await response;
    expect(await tester.drain()).toMatchObject({ succeeded: 2 });
  });
});
