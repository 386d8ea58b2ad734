import {
  BadRequestException,
  Catch,
  ConflictException,
  HttpException,
  Post,
  RequestTimeoutException,
  UploadedFile,
  UseFilters,
  UseInterceptors,
  type ArgumentsHost,
  type CallHandler,
  type ExceptionFilter,
} from '@nestjs/common';
import * as fastify from '@nestjs/platform-fastify';
import { FileInterceptor } from '@nestjs/platform-express';
import {
  TimeoutError,
  catchError,
  delay,
  firstValueFrom,
  from,
  map,
  of,
  retry,
  switchMap,
  tap,
  throwError,
  timeout,
  type Observable,
} from 'rxjs';
import { turn } from '../../support/manual-clock.js';
import {
  IN_ORDER,
  type AnyResponse,
  type ResponseCase,
} from './response-case.js';

const FAILS = { afterRoute: 'failure', afterResponse: 'failure' } as const;

/** Fails at first. */
const failing = () => {
  throw new BadRequestException();
};

/** Waits, and then answers with a status of its own. */
function filterThat(
  answers: number,
  wait?: () => Promise<unknown>,
): ExceptionFilter {
  @Catch(HttpException)
  class AnsweringFilter implements ExceptionFilter {
    async catch(_error: unknown, host: ArgumentsHost): Promise<void> {
      await wait?.();
      const response: AnyResponse = host.switchToHttp().getResponse();
      response.status(answers).send('filtered');
    }
  }
  return new AnsweringFilter();
}

const filterCases: readonly ResponseCase[] = [
  {
    name: 'whose error a filter of the method turns into 200',
    decorators: [UseFilters(filterThat(200))],
    handle: failing,
    expected: {
      seen: { status: 200, body: 'filtered' },
      afterRoute: 'failure',
    },
  },
  {
    name: 'whose error a global filter turns into 200',
    app: () => ({ configure: (app) => app.useGlobalFilters(filterThat(200)) }),
    handle: failing,
    expected: {
      seen: { status: 200, body: 'filtered' },
      afterRoute: 'failure',
    },
  },
  {
    name: 'whose error an async filter turns into 302',
    decorators: [UseFilters(filterThat(302, turn))],
    handle: failing,
    expected: { seen: { status: 302 }, afterRoute: 'failure' },
  },
  {
    name: 'whose error a filter turns into another',
    decorators: [UseFilters(filterThat(503))],
    handle: failing,
    expected: { seen: { status: 503 }, ...FAILS },
  },
];

/** A filter that waits for the client. */
const lateFilterCase: ResponseCase = {
  name: 'whose error a filter answers late',
  app: (stage) => ({
    configure: (app) =>
      app.useGlobalFilters(filterThat(200, () => stage.proceed.promise)),
  }),
  handle: failing,
  async visit({ stage, client, send }) {
    send();
    await stage.handled.promise;
    await turn();
    await turn();
    stage.note('late');
    stage.proceed.resolve();
    return client.response();
  },
  expected: {
    seen: { status: 200, body: 'filtered' },
    afterRoute: 'failure',
    events: [...IN_ORDER.slice(0, 3), 'late', 'sent', 'after response'],
  },
};

function intercepted(
  by: (result: Observable<unknown>) => unknown,
): MethodDecorator {
  return UseInterceptors({
    intercept: (_context: unknown, next: CallHandler) =>
      by(next.handle()) as Observable<unknown>,
  });
}

const timingOut = intercepted((result) =>
  result.pipe(
    timeout(10),
    catchError((error: unknown) =>
      throwError(() =>
        error instanceof TimeoutError ? new RequestTimeoutException() : error,
      ),
    ),
  ),
);

const interceptorCases: readonly ResponseCase[] = [
  {
    name: 'whose value an interceptor maps',
    decorators: [
      intercepted((result) => result.pipe(map((v) => `<${String(v)}>`))),
    ],
    handle: () => 'value',
    expected: { seen: { status: 200, body: '<value>' } },
  },
  {
    name: 'whose value an interceptor holds back',
    decorators: [intercepted((result) => result.pipe(delay(5)))],
    handle: () => 'value',
    expected: { seen: { status: 200, body: 'value' } },
  },
  {
    name: 'whose value an interceptor replaces by a promise',
    decorators: [
      intercepted((result) =>
        result.pipe(switchMap(() => turn().then(() => 'other'))),
      ),
    ],
    handle: () => 'value',
    expected: { seen: { status: 200, body: 'other' } },
  },
  {
    name: 'after which an interceptor fails',
    decorators: [
      intercepted((result) =>
        result.pipe(
          map(() => {
            throw new ConflictException();
          }),
        ),
      ),
    ],
    handle: () => 'value',
    expected: { seen: { status: 409 }, afterResponse: 'failure' },
  },
  {
    name: 'after which a global interceptor fails late',
    app: () => ({
      configure: (app) =>
        app.useGlobalInterceptors({
          intercept: (_context, next) =>
            next.handle().pipe(
              delay(5),
              tap(() => {
                throw new ConflictException();
              }),
            ),
        }),
    }),
    handle: () => 'value',
    expected: { seen: { status: 409 }, afterResponse: 'failure' },
  },
  {
    name: 'whose error an interceptor turns into a value',
    decorators: [
      intercepted((result) => result.pipe(catchError(() => of('recovered')))),
    ],
    handle: failing,
    expected: {
      seen: { status: 200, body: 'recovered' },
      afterRoute: 'failure',
    },
  },
  {
    name: 'whose error an interceptor turns into another',
    decorators: [
      intercepted((result) =>
        result.pipe(
          catchError(() => throwError(() => new ConflictException())),
        ),
      ),
    ],
    handle: failing,
    expected: { seen: { status: 409 }, ...FAILS },
  },
  {
    name: 'whose first value an interceptor takes as a promise',
    decorators: [
      intercepted(async (result) =>
        of(`${String(await firstValueFrom(result))}!`),
      ),
    ],
    handle: () => turn().then(() => 'value'),
    expected: { seen: { status: 200, body: 'value!' } },
  },
  {
    name: 'of whose many values an interceptor takes the first',
    decorators: [
      intercepted(async (result) => of(await firstValueFrom(result))),
    ],
    handle: () => from(['one', 'two']).pipe(delay(1)),
    expected: {
      seen: { status: 200, body: 'one' },
      events: ['handler', 'after route', 'sent', 'after response'],
    },
  },
  {
    name: 'that an interceptor calls again when it fails',
    decorators: [intercepted((result) => result.pipe(retry(1)))],
    async handle({ call }) {
      await turn();
      if (call === 1) throw new Error('not yet');
      return `call ${call}`;
    },
    expected: {
      seen: { status: 200, body: 'call 2' },
      calls: [FAILS, { afterRoute: 'success', afterResponse: 'success' }],
      events: [...IN_ORDER.slice(0, 3), ...IN_ORDER],
    },
  },
  {
    name: 'that an interceptor calls again in vain',
    decorators: [intercepted((result) => result.pipe(retry(1)))],
    handle: failing,
    expected: {
      seen: { status: 400 },
      calls: [FAILS, FAILS],
      events: [...IN_ORDER.slice(0, 3), ...IN_ORDER],
    },
  },
  {
    name: 'that continues when an interceptor has given it up',
    decorators: [timingOut],
    async handle({ stage }) {
      await stage.over.promise;
      await turn();
      return 'too late';
    },
    expected: {
      seen: { status: 408 },
      events: ['sent', 'handler', 'after route', 'after response'],
      ...FAILS,
    },
  },
  {
    name: 'that promises an Observable when an interceptor has given it up',
    decorators: [timingOut],
    async handle({ stage }) {
      await stage.over.promise;
      await turn();
      stage.note('too late');
      return of('too late');
    },
    expected: {
      seen: { status: 408 },
      events: ['sent', 'too late', 'after route', 'after response'],
      ...FAILS,
    },
  },
  {
    name: 'whose Observable an interceptor gives up',
    decorators: [timingOut],
    handle: ({ stage }) => from(stage.proceed.promise),
    expected: {
      seen: { status: 408 },
      afterResponse: 'failure',
      events: ['handler', 'after route', 'sent', 'after response'],
    },
  },
];

const BOUNDARY = 'x-boundary';
const UPLOAD = {
  method: 'POST',
  headers: { 'Content-Type': `multipart/form-data; boundary=${BOUNDARY}` },
  body: [
    `--${BOUNDARY}`,
    'Content-Disposition: form-data; name="file"; filename="a.txt"',
    'Content-Type: text/plain',
    '',
    'content',
    `--${BOUNDARY}--`,
    '',
  ].join('\r\n'),
};

interface Uploaded {
  readonly originalname: string;
  readonly buffer: Buffer;
}

const uploadCases: readonly ResponseCase[] = [
  { on: 'Express', interceptor: FileInterceptor('file') } as const,
  // NestJS 11 does not support this on Fastify.
  ...('FileInterceptor' in fastify
    ? [{ on: 'Fastify', interceptor: fastify.FileInterceptor('file') } as const]
    : []),
].map(({ on, interceptor }) => ({
  name: 'that gets an uploaded file',
  on,
  route: Post(),
  decorators: [UseInterceptors(interceptor)],
  parameter: UploadedFile(),
  request: UPLOAD,
  handle({ parameter }) {
    const { originalname, buffer } = parameter as Uploaded;
    return `${originalname}: ${buffer.toString()}`;
  },
  expected: { seen: { status: 201, body: 'a.txt: content' } },
}));

export const enhancerCases: readonly ResponseCase[] = [
  ...filterCases,
  lateFilterCase,
  ...interceptorCases,
  ...uploadCases,
];
