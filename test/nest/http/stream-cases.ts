import {
  ConflictException,
  Sse,
  StreamableFile,
  UseInterceptors,
} from '@nestjs/common';
import { Readable } from 'node:stream';
import { EMPTY, NEVER, concat, delay, from, map, of, throwError } from 'rxjs';
import { turn } from '../../support/manual-clock.js';
import {
  IN_ORDER,
  type ClientInput,
  type ResponseCase,
} from './response-case.js';
import type { Stage } from './stage.js';

const MB = 1024 * 1024;
const FAILS = { afterRoute: 'failure', afterResponse: 'failure' } as const;

/** A file of a few chunks, which may fail after them. */
function fileOf(chunks: Iterable<string>, error?: Error): StreamableFile {
  return new StreamableFile(
    Readable.from(
      (async function* () {
        for (const chunk of chunks) yield Buffer.from(chunk);
        await turn();
        if (error) throw error;
      })(),
    ),
  ).setErrorLogger(() => {});
}

function* endless(): Generator<string> {
  for (;;) yield 'x'.repeat(MB);
}

/** Reads the beginning, and disconnects without the rest. */
async function leaveMidway({ client, send }: ClientInput): Promise<void> {
  send();
  await client.firstBytes();
  client.hangUp();
}

/** Reads until the server gives up. */
async function readUntilClosed({ client, send }: ClientInput): Promise<void> {
  send();
  await client.closed();
}

const fileCases: readonly ResponseCase[] = [
  {
    name: 'that returns a StreamableFile',
    handle: () => fileOf(['a', 'b']),
    expected: { seen: { status: 200, body: 'ab' } },
  },
  {
    name: 'that returns a large StreamableFile',
    handle: () => fileOf(Array<string>(4).fill('x'.repeat(MB))),
    expected: { seen: { body: 'x'.repeat(4 * MB) } },
  },
  {
    name: 'that returns a promise of a StreamableFile of a buffer',
    handle: () => turn().then(() => new StreamableFile(Buffer.from('abc'))),
    expected: { seen: { status: 200, body: 'abc' } },
  },
  {
    name: 'that returns a StreamableFile, asked by HEAD',
    request: { method: 'HEAD' },
    handle: () => fileOf(['a', 'b']),
    expected: { seen: { status: 200, body: '' } },
  },
  {
    name: 'that returns a StreamableFile which breaks before its first byte',
    handle: () => fileOf([], new Error('no such file')),
    expected: { afterResponse: 'failure' },
  },
  {
    name: 'that returns a StreamableFile which breaks midway',
    handle: () => fileOf(['a'.repeat(MB)], new Error('broken')),
    visit: readUntilClosed,
    expected: {
      response: { statusCode: 200, delivered: false },
      events: [...IN_ORDER.slice(0, 3), 'lost', 'after response'],
    },
  },
  {
    name: 'that returns a StreamableFile which the client does not read to its end',
    handle: () => fileOf(endless()),
    visit: leaveMidway,
    expected: {
      response: { statusCode: 200, delivered: false },
      events: [...IN_ORDER.slice(0, 3), 'lost', 'after response'],
    },
  },
  {
    name: 'whose StreamableFile is replaced by an interceptor',
    decorators: [
      UseInterceptors({
        intercept: (_context, next) =>
          next.handle().pipe(map(() => fileOf(['other']))),
      }),
    ],
    handle: () => fileOf(['a', 'b']),
    expected: { seen: { status: 200, body: 'other' } },
  },
  {
    name: 'whose value is replaced by a StreamableFile',
    decorators: [
      UseInterceptors({
        intercept: (_context, next) =>
          next.handle().pipe(map((value) => fileOf([String(value), '!']))),
      }),
    ],
    handle: () => 'value',
    expected: { seen: { status: 200, body: 'value!' } },
  },
  {
    name: 'that returns a stream as it is',
    on: 'Fastify',
    handle: () => Readable.from([Buffer.from('a'), Buffer.from('b')]),
    expected: { seen: { status: 200, body: 'ab' } },
  },
];

/** After-route tasks do not delay streams. */
const STREAMED = ['handler', 'after route', 'sent', 'after response'];
const ABANDONED = ['lost', 'handler', 'after route', 'after response'];

async function leaveAfterFirstEvent(input: ClientInput): Promise<void> {
  const { client, send } = input;
  send();
  while (!client.received.includes('data: one')) await client.more();
  client.hangUp();
}

async function leaveWhenEntered({
  stage,
  client,
  send,
}: ClientInput): Promise<void> {
  send();
  await stage.entered.promise;
  client.hangUp();
}

const isGone = (stage: Stage) => from(stage.over.promise);

const sseCases: readonly ResponseCase[] = [
  {
    name: 'that streams events to their end',
    route: Sse(),
    handle: () => from(['one', 'two']).pipe(delay(5)),
    expected: {
      seen: { status: 200, body: '\nid: 1\ndata: one\n\nid: 2\ndata: two\n\n' },
      events: STREAMED,
    },
  },
  {
    name: 'that promises events',
    route: Sse(),
    handle: () => turn().then(() => of('one').pipe(delay(5))),
    expected: {
      seen: { status: 200, body: '\nid: 1\ndata: one\n\n' },
      events: STREAMED,
    },
  },
  {
    name: 'that streams no event',
    route: Sse(),
    handle: () => EMPTY.pipe(delay(5)),
    expected: { seen: { status: 200 }, events: STREAMED },
  },
  {
    name: 'whose events end with an error',
    route: Sse(),
    handle: () =>
      concat(
        of('one').pipe(delay(5)),
        throwError(() => new Error('no')),
      ),
    expected: {
      seen: { status: 200 },
      events: ['handler', 'sent', 'after route', 'after response'],
      ...FAILS,
    },
  },
  {
    name: 'that throws before it streams events',
    route: Sse(),
    handle: () => {
      throw new ConflictException();
    },
    expected: { seen: { status: 409 }, events: STREAMED, ...FAILS },
  },
  {
    name: 'that fails before its first event',
    route: Sse(),
    handle: () => throwError(() => new ConflictException()),
    expected: { seen: { status: 409 }, events: STREAMED, ...FAILS },
  },
  {
    name: 'that rejects instead of events',
    route: Sse(),
    handle: () => turn().then(() => Promise.reject(new ConflictException())),
    expected: { seen: { status: 409 }, events: STREAMED, ...FAILS },
  },
  {
    name: 'that streams events until the client leaves',
    route: Sse(),
    handle: () => concat(of('one'), NEVER),
    visit: leaveAfterFirstEvent,
    expected: {
      response: { statusCode: 200, delivered: false },
      events: ABANDONED,
    },
  },
  {
    name: 'whose events end when the client has left',
    route: Sse(),
    handle: ({ stage }) => concat(of('one'), isGone(stage)),
    visit: leaveAfterFirstEvent,
    expected: {
      response: { statusCode: 200, delivered: false },
      events: ABANDONED,
    },
  },
  {
    name: 'that still prepares its events when the client leaves',
    route: Sse(),
    async handle({ stage }) {
      await stage.over.promise;
      await turn();
      stage.note('prepared');
      return of('one');
    },
    visit: leaveWhenEntered,
    expected: {
      response: { statusCode: 200, delivered: false },
      events: ['lost', 'prepared', 'after route', 'after response'],
    },
  },
];

export const streamCases: readonly ResponseCase[] = [...fileCases, ...sseCases];
