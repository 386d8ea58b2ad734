import { describe, expect, it } from '@jest/globals';
import { RawClient } from '../support/raw-client.js';
import type { ContextsOptions } from './apps/contexts.js';
import { ChildApp } from './support/child-app.js';
import { adapters, useFixtures } from './support/fixtures.js';

useFixtures();

const PHASES = ['immediate', 'afterRoute', 'afterResponse'];
const MOMENTS = [
  'start 1',
  'later 1',
  'start 2',
  'later 2',
  'handler 2',
  'handler later 2',
];

describe.each(adapters)('AsyncLocalStorage on %s', (adapter) => {
  it('is in every task, its retries and its handlers what it was at schedule()', async () => {
    const child = await start();
    const requests = Array.from({ length: 8 }, (_, index) => `r${index}`);
    const clients = await Promise.all(
      // Two requests on each connection, one after the other.
      Array.from({ length: 4 }, () => RawClient.connect(child.url)),
    );
    for (const [index, request] of requests.entries()) {
      clients[index % 4]?.get(`/plain/${request}`);
    }
    for (const client of clients) {
      expect(await client.response()).toMatchObject({ body: 'answered' });
      expect(await client.response()).toMatchObject({ body: 'answered' });
    }

    await expectContexts(child, requests);
    for (const client of clients) client.close();
  });

  it('is kept when the client leaves before the handler is done', async () => {
    const child = await start();
    const requests = ['r1', 'r2', 'r3'];
    for (const request of requests) {
      const client = await RawClient.connect(child.url);
      client.get(`/abandoned/${request}`);
      await child.until('step', { by: request, what: 'waits' });
      client.hangUp();
    }
    await child.turns();
    for (const request of requests) child.open(request);

    await expectContexts(child, requests);
  });

  it('is kept when the end of the connection is the end of a stream', async () => {
    const child = await start();
    const requests = ['r1', 'r2', 'r3'];
    for (const request of requests) {
      const client = await RawClient.connect(child.url);
      client.get(`/stream/${request}`);
      await client.firstBytes();
      client.hangUp();
    }

    await expectContexts(child, requests);
  });

  function start(): Promise<ChildApp> {
    const options: ContextsOptions = { adapter };
    return ChildApp.start('contexts', options);
  }
});

/** Every task of these requests tells the same of every moment of its life. */
async function expectContexts(
  child: ChildApp,
  requests: readonly string[],
): Promise<void> {
  for (const request of requests) {
    for (const phase of PHASES) {
      for (const call of ['first a', 'first b', 'then a', 'then b']) {
        const task = `${request} ${phase} ${call}`;
        const last = `${MOMENTS.at(-1)}: ${request} ${call}`;
        await child.until('step', { by: task, what: last });
        expect(child.steps(task)).toEqual(
          MOMENTS.map((moment) => `${moment}: ${request} ${call}`),
        );
      }
    }
  }
}
