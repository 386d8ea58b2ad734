import { once } from 'node:events';
import {
  connect,
  constants,
  type ClientHttp2Session,
  type ClientHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  ConflictException,
  Controller,
  Get,
  Injectable,
  Module,
  StreamableFile,
  UseGuards,
  type CanActivate,
  type INestApplication,
} from '@nestjs/common';
import { NestFactory, type AbstractHttpAdapter } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Readable } from 'node:stream';
import { AppTasks, Tasks, TasksModule, TasksService } from 'nestjs-tasks';
import { IN_ORDER } from './response-case.js';
import { Stage } from './stage.js';

let app: INestApplication | undefined;
let session: ClientHttp2Session | undefined;

afterEach(async () => {
  session?.destroy();
  await app?.close();
});

function* endless(): Generator<Buffer> {
  for (;;) yield Buffer.alloc(1024 * 1024);
}

interface Requested {
  readonly stream: ClientHttp2Stream;
  readonly tasks: AppTasks;
  /** The errors thrown by scheduling. */
  readonly refusals: readonly unknown[];
}

/** An application over HTTP/2 without TLS, and the response stream of one request. */
async function request(stage: Stage, path: string): Promise<Requested> {
  const refusals: unknown[] = [];
  @Injectable()
  class RejectingGuard implements CanActivate {
    constructor(private readonly tasks: TasksService) {}

    canActivate(): boolean {
      try {
        stage.schedule(this.tasks);
      } catch (error) {
        refusals.push(error);
      }
      return false;
    }
  }
  @Controller()
  class DecoratedController {
    @Get('value')
    value(@Tasks() tasks: Tasks) {
      return stage.noteEnd(() => {
        stage.schedule(tasks);
        return 'value';
      });
    }
    @Get('throws')
    throws(@Tasks() tasks: Tasks) {
      return stage.noteEnd(() => {
        stage.schedule(tasks);
        throw new ConflictException();
      });
    }
    @Get('slow')
    slow(@Tasks() tasks: Tasks) {
      return stage.noteEnd(async () => {
        stage.schedule(tasks);
        stage.entered.resolve();
        await stage.over.promise;
        return 'value';
      });
    }
    @Get('endless')
    endless(@Tasks() tasks: Tasks) {
      return stage.noteEnd(() => {
        stage.schedule(tasks);
        return new StreamableFile(Readable.from(endless())).setErrorLogger(
          () => {},
        );
      });
    }
  }
  @Controller('served')
  class ServedController {
    constructor(private readonly tasks: TasksService) {}

    @Get()
    handle() {
      return stage.noteEnd(() => {
        stage.schedule(this.tasks);
        return 'value';
      });
    }
    @Get('guarded')
    @UseGuards(RejectingGuard)
    guarded() {
      return 'never';
    }
  }
  @Module({
    imports: [TasksModule.forRoot()],
    controllers: [DecoratedController, ServedController],
  })
  class AppModule {}
  const adapter: AbstractHttpAdapter = new FastifyAdapter({
    http2: true,
  } as never);
  app = await NestFactory.create(AppModule, adapter, { logger: false });
  stage.watch(app);
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  session = connect(`http://127.0.0.1:${port}`);
  session.on('error', () => {});
  const stream = session.request({ ':path': path });
  stream.on('error', () => {});
  return { stream, refusals, tasks: app.get(AppTasks) };
}

async function readAll(stream: ClientHttp2Stream) {
  const [headers] = (await once(stream, 'response')) as [
    Record<string, unknown>,
  ];
  stream.resume();
  await once(stream, 'close');
  return headers[':status'];
}

describe('over HTTP/2 with Fastify', () => {
  it.each([
    { path: '/value', status: 200, verdict: 'success' },
    { path: '/served', status: 200, verdict: 'success' },
    { path: '/throws', status: 409, verdict: 'failure' },
  ])('the tasks of $path are judged as over HTTP/1', async (expected) => {
    const stage = new Stage();
    const { stream, tasks } = await request(stage, expected.path);

    expect(await readAll(stream)).toBe(expected.status);
    await stage.over.promise;
    await tasks.idle();

    expect(stage.judged()).toEqual([
      {
        afterRoute: expected.verdict,
        afterResponse: expected.verdict,
        response: { statusCode: expected.status, delivered: true },
      },
    ]);
    expect(stage.events).toEqual(IN_ORDER);
  });

  it('a guard is refused, because the response is not known yet, with a hint where to schedule', async () => {
    const stage = new Stage();
    const { stream, refusals } = await request(stage, '/served/guarded');

    expect(await readAll(stream)).toBe(403);

    expect(refusals).toEqual([
      expect.objectContaining({
        code: 'TASK_SCOPE_MISSING',
        message: expect.stringContaining('schedule in the handler'),
      }),
    ]);
  });

  it('the tasks of a stream that the client cancels before the handler is done run', async () => {
    const stage = new Stage();
    const { stream, tasks } = await request(stage, '/slow');

    await stage.entered.promise;
    stream.close(constants.NGHTTP2_CANCEL);
    await stage.handled.promise;
    await tasks.idle();

    expect(stage.judged()).toEqual([
      {
        afterRoute: 'success',
        afterResponse: 'success',
        response: { statusCode: 200, delivered: false },
      },
    ]);
  });

  it('the tasks of a stream that the client cancels midway run', async () => {
    const stage = new Stage();
    const { stream, tasks } = await request(stage, '/endless');

    await once(stream, 'data');
    stream.close(constants.NGHTTP2_CANCEL);
    await stage.over.promise;
    await tasks.idle();

    expect(stage.judged()).toEqual([
      {
        afterRoute: 'success',
        afterResponse: 'success',
        response: { statusCode: 200, delivered: false },
      },
    ]);
  });
});
