import { ConflictException, Post } from '@nestjs/common';
import { turn } from '../../support/manual-clock.js';
import {
  IN_ORDER,
  type ClientInput,
  type ResponseCase,
} from './response-case.js';
import type { Stage } from './stage.js';

const LARGE = 'x'.repeat(30 * 1024 * 1024);
const FAILS = { afterRoute: 'failure', afterResponse: 'failure' } as const;
const LOST_FIRST = ['lost', 'handler', 'after route', 'after response'];
const LOST = { statusCode: 200, delivered: false };

async function leaveWhenEntered({ stage, client, send }: ClientInput) {
  send();
  await stage.entered.promise;
  client.hangUp();
}

/** Resolves when the server has noticed that the client left. */
async function whenLost(stage: Stage): Promise<void> {
  await stage.over.promise;
  await turn();
}

export const clientCases: readonly ResponseCase[] = [
  {
    name: 'that returns when the client has left',
    handle: async ({ stage }) => {
      await whenLost(stage);
      return 'value';
    },
    visit: leaveWhenEntered,
    expected: { response: LOST, events: LOST_FIRST },
  },
  {
    name: 'that throws when the client has left',
    handle: async ({ stage }) => {
      await whenLost(stage);
      throw new ConflictException();
    },
    visit: leaveWhenEntered,
    expected: { response: LOST, events: LOST_FIRST, ...FAILS },
  },
  {
    name: 'that sends when the client has left',
    response: 'manual',
    handle: async ({ stage, response }) => {
      await whenLost(stage);
      response.send('value');
    },
    visit: leaveWhenEntered,
    expected: { response: LOST, events: LOST_FIRST },
  },
  {
    name: 'whose client leaves before it starts',
    app: (stage) => ({
      configure: (app) =>
        app.useGlobalGuards({
          async canActivate() {
            stage.entered.resolve();
            await whenLost(stage);
            return true;
          },
        }),
    }),
    handle: () => 'value',
    visit: async (input) => {
      await leaveWhenEntered(input);
      await input.stage.handled.promise;
    },
    expected: { response: LOST, events: LOST_FIRST },
  },
  {
    name: 'whose client leaves before it starts, and that throws',
    decorators: [],
    app: (stage) => ({
      configure: (app) =>
        app.useGlobalGuards({
          async canActivate() {
            stage.entered.resolve();
            await whenLost(stage);
            return true;
          },
        }),
    }),
    handle: async () => {
      await turn();
      throw new ConflictException();
    },
    visit: async (input) => {
      await leaveWhenEntered(input);
      await input.stage.handled.promise;
    },
    expected: { response: LOST, events: LOST_FIRST, ...FAILS },
  },
  {
    name: 'whose client leaves midway through the value',
    handle: () => LARGE,
    async visit({ client, send }) {
      send();
      await client.firstBytes();
      client.hangUp();
    },
    expected: {
      response: LOST,
      events: [...IN_ORDER.slice(0, 3), 'lost', 'after response'],
    },
  },
  {
    name: 'whose client stops reading, and leaves',
    handle: () => LARGE,
    async visit({ client, stage, send }) {
      client.stopReading();
      send();
      await stage.handled.promise;
      await turn();
      client.hangUp();
    },
    expected: {
      response: LOST,
      events: [...IN_ORDER.slice(0, 3), 'lost', 'after response'],
    },
  },
  {
    name: 'whose client has closed its half of the connection',
    handle: async ({ stage }) => {
      await whenLost(stage);
      return 'value';
    },
    async visit({ client, stage, send }) {
      send();
      client.halfClose();
      await stage.handled.promise;
    },
    expected: { response: LOST, events: LOST_FIRST },
  },
  {
    name: 'whose client has closed its half of the connection, which the server allows',
    app: () => ({
      configure: (app) =>
        Object.assign(app.getHttpServer() as object, {
          httpAllowHalfOpen: true,
        }),
    }),
    handle: async ({ stage }) => {
      await stage.wait();
      return 'value';
    },
    async visit({ client, stage, send }) {
      send();
      client.halfClose();
      await stage.entered.promise;
      await turn();
      await turn();
      stage.proceed.resolve();
      return client.response();
    },
    expected: { seen: { status: 200, body: 'value' } },
  },
  {
    name: 'whose client asks to close the connection',
    request: { headers: { Connection: 'close' } },
    handle: () => 'value',
    expected: { seen: { status: 200, body: 'value' } },
  },
  {
    name: 'whose client speaks HTTP/1.0',
    handle: () => 'value',
    async visit({ client }) {
      client.write('GET / HTTP/1.0\r\n\r\n');
      return client.response();
    },
    expected: { seen: { status: 200, body: 'value' } },
  },
  {
    name: 'whose client waits for "100 Continue" before it sends the body',
    route: Post(),
    handle: ({ parameter }) => parameter,
    async visit({ client }) {
      client.write(
        'POST / HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\n' +
          'Content-Type: application/json\r\nContent-Length: 7\r\n\r\n',
      );
      await client.firstBytes();
      client.write('{"a":1}');
      await client.response();
      return client.response();
    },
    expected: { seen: { status: 201, body: '{"a":1}' } },
  },
];
