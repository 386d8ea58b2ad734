import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Header, Injectable, Param } from '@nestjs/common';
import { StoredTasks, Task } from 'nestjs-tasks';
import { inProcessEngine } from 'nestjs-tasks/in-process';
import {
  hasBrowser,
  launchBrowser,
  newPage,
} from '../dashboard/support/browser.js';
import { closeApps, createApp } from '../support/create-app.js';
import { deferred } from '../support/deferred.js';
import { platforms } from '../support/platforms.js';
import { ExportsController, ExportTasks } from './operations/exports.js';
import { Operations } from './operations/operations.js';

const root = process.cwd();
const folder = join(root, 'test', 'docs', 'operations');
const guide = readFileSync(
  join(root, 'docs', 'guides', 'stored-tasks.md'),
  'utf8',
);

afterEach(closeApps);

it.each(readdirSync(folder))(
  'the page of stored tasks has the code of %s, which is run here',
  (file) => {
    expect(guide).toContain(readFileSync(join(folder, file), 'utf8').trim());
  },
);

const gate = deferred();
let isFixed = false;

@Injectable()
class Payments {
  @Task('payment.charge', { durable: true })
  async charge(orderId: string): Promise<void> {
    if (orderId === 'slow') await gate.promise;
    else if (!isFixed) throw new Error('the bank is closed');
  }
}

describe.each(platforms)('over $name', (platform) => {
  it('an operator sees what failed and why, runs it again, stops one, and drains a queue', async () => {
    isFixed = false;
    const { app, tasks } = await createApp(platform, {
      tasks: { engine: inProcessEngine() },
      providers: [Payments, Operations],
    });
    const operations = app.get(Operations);
    const stored = app.get(StoredTasks);
    const count = async (
      status: 'failed' | 'cancelled' | 'running',
      n: number,
    ) => {
      while ((await stored.counts())[status] !== n)
        await new Promise(setImmediate);
    };
    const evening = new Date();
    for (const id of ['1', '2', '3']) tasks.of(Payments).charge(id);
    await count('failed', 3);
    const failed = await operations.failedSince(evening);
    expect(failed.map(({ error }) => error?.message)).toEqual(
      Array(3).fill('the bank is closed'),
    );
    expect(await operations.failedSince(new Date(Date.now() + 1_000))).toEqual(
      [],
    );
    isFixed = true;
    expect(await operations.runAgain(failed[0]?.id ?? '')).toBe(true);
    await count('failed', 2);
    expect(await operations.runAllAgain('payment.charge')).toBe(2);
    await count('failed', 0);

    tasks.task({ key: '17' }).of(Payments).charge('slow');
    await count('running', 1);
    expect(await operations.stop('17')).toBe(1);
    await count('cancelled', 1);
    await operations.drain('default');
    const waiting = tasks.of(Payments).charge('4');
    await waiting.settled();
    expect(await stored.find(waiting.id)).toMatchObject({ status: 'waiting' });
    await operations.open('default');
    while (await stored.find(waiting.id)) await new Promise(setImmediate);
  });

  it('a client of a 202 polls, listens, and cancels', async () => {
    const { app, request } = await createApp(platform, {
      tasks: { engine: inProcessEngine() },
      providers: [ExportTasks],
      controllers: [ExportsController],
    });
    const post = async (rows: number) => {
      const response = await request('/exports', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ rows }),
      });
      expect(response.status).toBe(202);
      return (await response.json()) as { id: string; location: string };
    };
    const { id, location } = await post(4);
    let view: Record<string, unknown>;
    do view = (await (await request(location)).json()) as typeof view;
    while (!view['isOver']);
    expect(view).toEqual({
      status: 'succeeded',
      isOver: true,
      progress: { percent: 100 },
      result: { url: `/files/${id}.csv` },
    });
    const events = await (await request(`${location}/events`)).text();
    expect(events).toContain('"status":"succeeded"');

    const stored = app.get(StoredTasks);
    await stored.pause();
    const waiting = await post(4);
    const listening = request(`${waiting.location}/events`);
    const cancelled = await request(waiting.location, { method: 'DELETE' });
    expect(cancelled.status).toBe(204);
    expect(await (await listening).text()).toContain('"status":"cancelled"');
    expect((await request('/exports/nonsense')).status).toBe(404);
  });
});

@Controller('pages')
class PagesController {
  @Get(':name')
  @Header('content-type', 'text/html')
  page(@Param('name') name: string): string {
    return readFileSync(join(folder, `${name}.html`), 'utf8');
  }
}

const describeInBrowser = hasBrowser() ? describe : describe.skip;

describeInBrowser.each(platforms)('in a browser, over $name', (platform) => {
  const open = async (name: string) => {
    const { app, url } = await createApp(platform, {
      tasks: { engine: inProcessEngine() },
      providers: [ExportTasks],
      controllers: [ExportsController, PagesController],
    });
    const browser = await launchBrowser();
    const { page, problems } = await newPage(browser);
    await page.goto(`${url}/pages/${name}`);
    return {
      stored: app.get(StoredTasks),
      click: (button: string) =>
        page.getByRole('button', { name: button }).click(),
      says: (text: string) =>
        page.getByRole('status').getByText(text, { exact: true }).waitFor(),
      async close() {
        await browser.close();
        expect(problems).toEqual([]);
      },
    };
  };

  it('a page polls an export until it is done', async () => {
    const page = await open('poll');
    await page.stored.pause();
    await page.click('Export');
    await page.says('waiting, 0 %');
    await page.stored.resume();
    await page.says('succeeded, 100 %');
    await page.close();
  });

  it('a page listens to an export, and cancels one', async () => {
    const page = await open('listen');
    await page.click('Export');
    await page.says('succeeded, 100 %');
    await page.stored.pause();
    await page.click('Export');
    await page.says('waiting, 0 %');
    await page.click('Cancel');
    await page.says('cancelled, 0 %');
    await page.close();
  });
});
