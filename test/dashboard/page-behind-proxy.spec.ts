import {
  afterAll,
  afterEach,
  beforeAll,
  describe,
  expect,
  it,
} from '@jest/globals';
import { VersioningType } from '@nestjs/common';
import type { Browser } from 'playwright-core';
import { closeApps } from '../support/create-app.js';
import { deferred } from '../support/deferred.js';
import { platforms } from '../support/platforms.js';
import { hasBrowser, launchBrowser, newPage } from './support/browser.js';
import { buildPage, gate, openShop } from './support/dashboard-app.js';
import { openProxy } from './support/proxy.js';

const describeInBrowser = hasBrowser() ? describe : describe.skip;

describeInBrowser.each(platforms)(
  'the page behind a proxy over $name',
  (platform) => {
    let browser: Browser;
    beforeAll(async () => {
      buildPage();
      browser = await launchBrowser();
    });
    afterEach(async () => {
      gate.current.resolve();
      await closeApps();
      gate.current = deferred();
    });
    afterAll(() => browser?.close());

    it('is live and acts, under a global prefix and beside versions', async () => {
      const shop = await openShop(platform, {
        dashboard: { path: 'admin/tasks', actions: true },
        configure: (app) =>
          app.setGlobalPrefix('api').enableVersioning({
            type: VersioningType.URI,
            defaultVersion: '1',
          }),
      });
      const proxy = await openProxy(
        '/ops/background',
        `${shop.url}/api/admin/tasks`,
      );
      const { page, problems } = await newPage(browser);
      const requested: string[] = [];
      page.on('request', (request) => requested.push(request.url()));
      try {
        await page.goto(proxy.url);
        await page.getByRole('status').getByText('Live').waitFor();
        await shop.request('/api/v1/orders/export');
        await page.getByRole('button', { name: 'exportOrders' }).click();
        const dialog = page.getByRole('dialog');
        await dialog.getByRole('button', { name: 'Cancel the task' }).click();
        await dialog.getByRole('button', { name: 'Yes' }).click();
        await dialog.getByText('Cancel the task: done.').waitFor();
        await page.keyboard.press('Escape');

        await page.getByRole('link', { name: 'Stored' }).click();
        await page.getByRole('button', { name: 'Pause' }).click();
        await page.getByRole('button', { name: 'Yes, pause' }).click();
        await page.getByText('paused', { exact: true }).waitFor();

        expect(problems).toEqual([]);
        expect(
          requested.filter(
            (url) => !url.startsWith('data:') && !url.startsWith(proxy.url),
          ),
        ).toEqual([]);
      } finally {
        await page.close();
        proxy.close();
      }
    });
  },
);
