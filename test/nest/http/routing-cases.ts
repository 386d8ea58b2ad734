import { VersioningType } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import fastifyCompress from '@fastify/compress';
import compression from 'compression';
import { gunzipSync } from 'node:zlib';
import type { ClientInput, ResponseCase, Seen } from './response-case.js';

const LARGE = 'some text that compresses well, '.repeat(50_000);

async function unzip({ client, send }: ClientInput): Promise<Seen> {
  send();
  const { body, ...response } = await client.response();
  const text = gunzipSync(Buffer.from(body, 'latin1')).toString();
  return { ...response, body: text };
}

export const routingCases: readonly ResponseCase[] = [
  {
    name: 'under a global prefix',
    path: '/api/orders',
    controller: { path: 'orders' },
    app: () => ({ configure: (app) => app.setGlobalPrefix('api') }),
    handle: () => 'value',
    expected: { seen: { status: 200, body: 'value' } },
  },
  {
    name: 'of a version in the path',
    path: '/v2',
    controller: { version: '2' },
    app: () => ({
      configure: (app) => app.enableVersioning({ type: VersioningType.URI }),
    }),
    handle: () => 'value',
    expected: { seen: { status: 200, body: 'value' } },
  },
  {
    name: 'of a version in a header',
    request: { headers: { 'X-Version': '2' } },
    controller: { version: '2' },
    app: () => ({
      configure: (app) =>
        app.enableVersioning({
          type: VersioningType.HEADER,
          header: 'X-Version',
        }),
    }),
    handle: () => 'value',
    expected: { seen: { status: 200, body: 'value' } },
  },
  {
    name: 'of a host',
    request: { headers: { Host: 'one.example.test' } },
    controller: { host: ':tenant.example.test' },
    handle: () => 'value',
    expected: { seen: { status: 200, body: 'value' } },
  },
  {
    name: 'whose large value is compressed',
    request: { headers: { 'Accept-Encoding': 'gzip' } },
    app: (_stage, { name }) => ({
      async configure(app) {
        if (name === 'Express') {
          (app as NestExpressApplication).use(compression());
        } else {
          await (app as NestFastifyApplication).register(fastifyCompress);
        }
      },
    }),
    handle: () => LARGE,
    visit: unzip,
    expected: {
      seen: {
        status: 200,
        headers: { 'content-encoding': 'gzip' },
        body: LARGE,
      },
    },
  },
];
