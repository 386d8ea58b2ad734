import {
  ConflictException,
  Header,
  HttpCode,
  Post,
  Redirect,
  Render,
} from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { fileURLToPath } from 'node:url';
import { EMPTY, concat, delay, from, of, throwError, timer } from 'rxjs';
import { turn } from '../../support/manual-clock.js';
import { IN_ORDER, type ResponseCase } from './response-case.js';

const FAILS = {
  afterRoute: 'failure',
  afterResponse: 'failure',
} as const;

const views = fileURLToPath(new URL('./views', import.meta.url));

/** Handlers that return a value in one way or another, or fail. */
const givenCases: readonly ResponseCase[] = [
  {
    name: 'that returns a value',
    handle: () => 'value',
    expected: { seen: { status: 200, body: 'value' } },
  },
  {
    name: 'that returns an object, to a POST',
    route: Post(),
    request: {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{"a":1}',
    },
    handle: ({ parameter }) => parameter,
    expected: { seen: { status: 201, body: '{"a":1}' } },
  },
  {
    name: 'that returns nothing',
    handle: () => undefined,
    expected: { seen: { status: 200, body: '' } },
  },
  {
    name: 'that returns a promise',
    handle: () => turn().then(() => 'promised'),
    expected: { seen: { status: 200, body: 'promised' } },
  },
  {
    name: 'that returns an Observable of one value',
    handle: () => of('one'),
    expected: { seen: { status: 200, body: 'one' } },
  },
  {
    name: 'that returns an Observable of many values',
    handle: () => from(['one', 'two', 'three']).pipe(delay(1)),
    expected: { seen: { status: 200, body: 'three' } },
  },
  {
    name: 'that returns an Observable which completes long after its value',
    handle: () => concat(of('one'), timer(1), of('two')),
    expected: { seen: { status: 200, body: 'two' } },
  },
  {
    name: 'that returns a promise of an Observable',
    handle: () => turn().then(() => from(['one', 'two'])),
    expected: { seen: { status: 200, body: 'two' } },
  },
  {
    name: 'that returns an empty Observable, which Nest answers with 500',
    handle: () => EMPTY,
    expected: { seen: { status: 500 }, afterResponse: 'failure' },
  },
  {
    name: 'that throws',
    handle: () => {
      throw new ConflictException();
    },
    expected: { seen: { status: 409 }, ...FAILS },
  },
  {
    name: 'that throws a value that is not an Error',
    handle: () => {
      throw 'text';
    },
    expected: { seen: { status: 500 }, ...FAILS },
  },
  {
    name: 'that rejects',
    handle: () => turn().then(() => Promise.reject(new ConflictException())),
    expected: { seen: { status: 409 }, ...FAILS },
  },
  {
    name: 'that returns an Observable which fails',
    handle: () => throwError(() => new ConflictException()),
    expected: { seen: { status: 409 }, ...FAILS },
  },
  {
    name: 'that returns an Observable which fails after values',
    handle: () =>
      concat(
        of('one', 'two').pipe(delay(1)),
        throwError(() => new ConflictException()),
      ),
    expected: { seen: { status: 409 }, ...FAILS },
  },
  {
    name: 'that returns a promise of an Observable which fails',
    handle: () => turn().then(() => throwError(() => new Error('no'))),
    expected: { seen: { status: 500 }, ...FAILS },
  },
];

/** Changes that decorators, or the handler itself, make to the response. */
const dressedCases: readonly ResponseCase[] = [
  {
    name: 'with @HttpCode(202)',
    decorators: [HttpCode(202)],
    handle: () => 'value',
    expected: { seen: { status: 202, body: 'value' } },
  },
  {
    name: 'with @HttpCode(404)',
    decorators: [HttpCode(404)],
    handle: () => 'value',
    expected: { seen: { status: 404 }, ...FAILS },
  },
  {
    name: 'with @HttpCode(204)',
    decorators: [HttpCode(204)],
    handle: () => undefined,
    expected: { seen: { status: 204, body: '' } },
  },
  {
    name: 'with @HttpCode(304)',
    decorators: [HttpCode(304)],
    handle: () => undefined,
    expected: { seen: { status: 304, body: '' } },
  },
  {
    name: 'that answers HEAD',
    request: { method: 'HEAD' },
    handle: () => 'value',
    expected: { seen: { status: 200, body: '' } },
  },
  {
    name: 'with @Header()',
    decorators: [Header('x-mark', 'set')],
    handle: () => 'value',
    expected: { seen: { status: 200, headers: { 'x-mark': 'set' } } },
  },
  {
    name: 'whose value the client already has, by ETag',
    on: 'Express',
    request: {
      headers: { 'If-None-Match': 'W/"5-8//0+MxUhTUaZA8KTOP7Wh85aPY"' },
    },
    handle: () => 'value',
    expected: { seen: { status: 200 } },
  },
  {
    name: 'with @Redirect()',
    decorators: [Redirect('/elsewhere')],
    handle: () => undefined,
    expected: { seen: { status: 302, headers: { location: '/elsewhere' } } },
  },
  {
    name: 'that redirects to where its value says',
    decorators: [Redirect('/elsewhere')],
    handle: () => Promise.resolve({ url: '/here', statusCode: 307 }),
    expected: { seen: { status: 307, headers: { location: '/here' } } },
  },
  {
    name: 'with @Render()',
    on: 'Express',
    decorators: [Render('page')],
    app: () => ({
      configure(app) {
        const express = app as NestExpressApplication;
        express.setBaseViewsDir(views);
        express.setViewEngine('hbs');
      },
    }),
    handle: () => ({ name: 'world' }),
    expected: { seen: { status: 200, body: 'Hello, world!' } },
  },
  {
    name: 'with @Render() of a page that cannot be rendered',
    on: 'Express',
    decorators: [Render('missing')],
    app: () => ({
      configure(app) {
        const express = app as NestExpressApplication;
        express.setBaseViewsDir(views);
        express.setViewEngine('hbs');
      },
    }),
    handle: () => ({ name: 'world' }),
    expected: { seen: { status: 500 }, afterResponse: 'failure' },
  },
];

/** The response no longer waits for anything. */
const SENT_FIRST = ['handler', 'after route', 'sent', 'after response'];

/** Handlers that use the response of the framework. */
const responseCases: readonly ResponseCase[] = [
  {
    name: 'that sets the status to 404 in passthrough mode',
    response: 'passthrough',
    handle: ({ response }) => void response.status(404),
    expected: { seen: { status: 404 }, ...FAILS },
  },
  {
    name: 'that sets a header in passthrough mode',
    response: 'passthrough',
    handle({ response }) {
      response.header('x-mark', 'set');
      return 'value';
    },
    expected: {
      seen: { status: 200, body: 'value', headers: { 'x-mark': 'set' } },
    },
  },
  {
    name: 'that sends at once',
    response: 'manual',
    handle: ({ response }) => void response.status(201).send('sent'),
    expected: {
      seen: { status: 201, body: 'sent' },
      events: SENT_FIRST,
    },
  },
  {
    name: 'that sends an error at once',
    response: 'manual',
    handle: ({ response }) => void response.status(422).send('no'),
    expected: { seen: { status: 422 }, events: SENT_FIRST, ...FAILS },
  },
  {
    name: 'that sends after a turn',
    response: 'manual',
    async handle({ response }) {
      await turn();
      response.send('sent');
    },
    expected: { seen: { status: 200, body: 'sent' }, events: SENT_FIRST },
  },
  {
    name: 'that leaves it to a timer to send',
    response: 'manual',
    handle: ({ response }) =>
      void setTimeout(() => response.status(404).send('sent'), 5),
    expected: { seen: { status: 404 }, afterResponse: 'failure' },
  },
  {
    name: 'that sends, and continues until the client has the whole response',
    response: 'manual',
    async handle({ response, stage }) {
      response.send('sent');
      await stage.over.promise;
    },
    expected: {
      seen: { status: 200, body: 'sent' },
      events: ['sent', 'handler', 'after route', 'after response'],
    },
  },
  {
    name: 'that sends, and fails when the client has the whole response',
    response: 'manual',
    async handle({ response, stage }) {
      response.send('sent');
      await stage.over.promise;
      throw new Error('too late');
    },
    expected: {
      seen: { status: 200, body: 'sent' },
      events: ['sent', 'handler', 'after route', 'after response'],
      ...FAILS,
    },
  },
  {
    name: 'that redirects by hand',
    response: 'manual',
    handle: ({ response }) => void response.status(302).redirect('/elsewhere'),
    expected: { seen: { status: 302 }, events: SENT_FIRST },
  },
  {
    name: 'that writes to the bare response',
    response: 'manual',
    handle: ({ response }) => void (response.raw ?? response).end('bare'),
    expected: { seen: { status: 200, body: 'bare' }, events: SENT_FIRST },
  },
  {
    name: 'that never sends, until the client leaves',
    response: 'manual',
    handle: () => undefined,
    async visit({ stage, client, send }) {
      send();
      await stage.handled.promise;
      await turn();
      await turn();
      client.hangUp();
    },
    expected: {
      response: { statusCode: 200, delivered: false },
      events: ['handler', 'after route', 'drained', 'lost', 'after response'],
    },
  },
];

/** Handlers that never end by themselves. */
const endlessCases: readonly ResponseCase[] = [
  {
    name: 'that returns an Observable which never completes, until it is let go',
    handle: ({ stage }) =>
      concat(of('one'), from(stage.proceed.promise), of('two')),
    async visit({ stage, client, send }) {
      send();
      await stage.entered.promise;
      await turn();
      stage.note('not yet');
      stage.proceed.resolve();
      return client.response();
    },
    expected: { seen: { body: 'two' }, events: ['not yet', ...IN_ORDER] },
  },
];

export const valueCases: readonly ResponseCase[] = [
  ...givenCases,
  ...dressedCases,
  ...responseCases,
  ...endlessCases,
];
