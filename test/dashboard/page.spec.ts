import type { Server } from 'node:http';
import {
  afterAll,
  afterEach,
  beforeAll,
  describe,
  expect,
  it,
} from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { closeApps, type TestApp } from '../support/create-app.js';
import { deferred } from '../support/deferred.js';
import { platforms } from '../support/platforms.js';
import {
  accessibilityProblems,
  hasBrowser,
  launchBrowser,
  newPage,
  PHONE,
  screenshot,
} from './support/browser.js';
import {
  AdminGuard,
  buildPage,
  gate,
  mailServer,
  Mailer,
  openShop,
  ORDER,
  sent,
} from './support/dashboard-app.js';

const [express] = platforms;
const describeInBrowser = hasBrowser() ? describe : describe.skip;

describeInBrowser('the page of the dashboard', () => {
  let browser: Browser;
  let page: Page;
  let shop: TestApp;
  let problems: string[] = [];
  const requested: string[] = [];

  beforeAll(async () => {
    buildPage();
    shop = await openShop(express!, {
      dashboard: { actions: true },
      tasks: { concurrency: 5 },
    });
    browser = await launchBrowser();
    ({ page, problems } = await newPage(browser));
    page.on('request', (request) => requested.push(request.url()));
    await page.goto(`${shop.url}/tasks`);
    await page.getByText('Nothing to do').waitFor();
  });
  afterEach(async () => {
    // A dialog that a failed test has left open would cover the page.
    await page.keyboard.press('Escape');
    expect(problems).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
    gate.current.resolve();
    await closeApps();
  });

  const show = (view: string) =>
    page.getByRole('link', { name: view, exact: true }).click();
  const tile = (name: string) =>
    page.locator('.tile', { has: page.getByText(name, { exact: true }) });
  const breakConnections = () => {
    (shop.app.getHttpServer() as Server).closeAllConnections();
  };
  const overflow = () =>
    page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');

  it('shows how much is done, what runs, and what has failed', async () => {
    for (let index = 0; index < 30; index += 1) {
      await shop.request('/orders', ORDER);
    }
    for (let index = 0; index < 3; index += 1) {
      await shop.request('/orders/declined');
    }
    await page.getByText('the card was declined').first().waitFor();
    await page.getByRole('img', { name: /90 succeeded, 3 failed/ }).waitFor();
    for (let index = 0; index < 7; index += 1) {
      await shop.request('/orders/export');
    }
    await tile('Waiting').getByText('2 for a slot').waitFor();

    expect(await tile('Running').textContent()).toContain('5');
    expect(await tile('Failed').textContent()).toContain('3');
    await screenshot(page, 'overview');
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  it('draws a request with its handler, its response and its tasks', async () => {
    await show('Requests');
    const request = page
      .locator('article', { hasText: 'GET /orders/declined' })
      .first();
    await request.getByText('failed').waitFor();

    expect(await request.textContent()).toMatch(/200.*answered after .* ms/);
    expect(await request.locator('.bar.failed').count()).toBe(3);
    expect(await request.locator('.sent').count()).toBeGreaterThan(0);
    await page.getByPlaceholder('Search by address').fill('declined');
    await page.getByText('3 requests').waitFor();
    await screenshot(page, 'requests');
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  it('shows everything about a task but its arguments, and is left by Escape', async () => {
    const name = page.getByRole('button', { name: 'chargeCard' }).first();
    await name.focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'chargeCard' });
    await dialog.getByText('3 of 3').waitFor();

    expect(await dialog.textContent()).toMatch(
      /1 argument, hidden.*ConflictException.*the card was declined.*at chargeCard/s,
    );
    expect(await page.content()).not.toContain('4111');
    await screenshot(page, 'task');
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(
      await page.evaluate<string>('document.activeElement.textContent'),
    ).toBe('chargeCard');
  });

  it('cancels a task that runs, after a question', async () => {
    await show('Tasks');
    await page.getByLabel('Status').selectOption('running');
    await page.getByRole('button', { name: 'exportOrders' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Cancel the task' }).click();
    const before = shop.tasks.stats.cancelled;
    await dialog.getByRole('button', { name: 'No' }).click();
    expect(shop.tasks.stats.cancelled).toBe(before);
    await dialog.getByRole('button', { name: 'Cancel the task' }).click();
    await dialog.getByRole('button', { name: 'Yes, cancel the task' }).click();
    await dialog.getByText('Cancel the task: done.').waitFor();

    expect(shop.tasks.stats.cancelled).toBe(before + 1);
    await dialog.getByText('cancelled', { exact: true }).waitFor();
    await dialog.getByRole('button', { name: 'Close' }).click();
    gate.current.resolve();
    await shop.tasks.idle();
    gate.current = deferred();
  });

  it('shows the store, runs a failed task again, and pauses a queue', async () => {
    mailServer.isUp = false;
    for (let index = 0; index < 4; index += 1) {
      shop.tasks.of(Mailer).send('ada@example.com');
    }
    await show('Stored');
    await page.getByLabel('Status').selectOption('failed');
    const failed = page.locator('tbody tr', { hasText: /mail\.send\s*failed/ });
    await failed.nth(3).waitFor();
    await page.getByRole('button', { name: 'Run all again' }).waitFor();
    await screenshot(page, 'stored');
    expect(await accessibilityProblems(page)).toEqual([]);
    mailServer.isUp = true;
    await failed.first().getByRole('button').click();
    const dialog = page.getByRole('dialog', { name: 'mail.send' });
    await dialog.getByText('the mail server does not answer').first().waitFor();
    await dialog.getByRole('button', { name: 'Run again' }).click();
    await dialog.getByRole('button', { name: 'Yes, run again' }).click();
    await dialog
      .getByText('The store does not have this task any more.')
      .waitFor();
    expect(sent).toHaveLength(31);
    await page.keyboard.press('Escape');

    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('button', { name: 'Yes, pause' }).click();
    await page.getByText('paused').waitFor();
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('button', { name: 'Yes, resume' }).click();
    await page.getByRole('button', { name: 'Pause' }).waitFor();
  });

  it('holds ten thousand tasks, of which only the visible rows exist', async () => {
    for (let index = 0; index < 10_000; index += 1) {
      shop.tasks
        .task({ name: `import ${index}` })
        .schedule(() => gate.current.promise);
    }
    await show('Tasks');
    await page.getByLabel('Search').fill('import');
    await page.getByText('10,000 tasks', { exact: true }).waitFor();

    expect(await page.locator('tbody tr').count()).toBeLessThan(80);
    await page.locator('.scroller').evaluate((element) => {
      element.scrollTop = element.scrollHeight;
    });
    await page.getByRole('button', { name: 'import 0', exact: true }).waitFor();
    await page.getByLabel('Search').fill('import 4321');
    await page.getByText('1 task', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'import 4321' }).waitFor();
    await screenshot(page, 'tasks');
    expect(await accessibilityProblems(page)).toEqual([]);
    gate.current.resolve();
    await shop.tasks.idle();
    gate.current = deferred();
  });

  it('says that the connection is lost, and connects again', async () => {
    await show('Overview');
    await page.context().setOffline(true);
    breakConnections();
    await page.getByText('The connection to the process is lost.').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.context().setOffline(false);
    await page.getByRole('status').getByText('Live').waitFor();
  });

  it.each(['Overview', 'Requests', 'Tasks', 'Stored'])(
    'fits a phone, in the dark: %s',
    async (view) => {
      await page.emulateMedia({ colorScheme: 'dark' });
      await page.setViewportSize(PHONE);
      await show(view);
      await page.getByRole('heading', { name: view, level: 1 }).waitFor();
      await shop.request('/orders', ORDER);

      expect(await overflow()).toBeLessThanOrEqual(0);
      expect(await accessibilityProblems(page)).toEqual([]);
      await screenshot(page, `phone-${view.toLowerCase()}`);
    },
  );

  it('says so when the guards let nobody in any more', async () => {
    AdminGuard.isOpen = false;
    breakConnections();
    await page.getByText('You may not see this page any more.').waitFor();
    AdminGuard.isOpen = true;
    await page.getByRole('status').getByText('Live').waitFor();
  });

  it('has asked nobody but the application', () => {
    const origins = new Set(
      requested
        .filter((url) => !url.startsWith('data:'))
        .map((url) => new URL(url).origin),
    );

    expect([...origins]).toEqual([shop.url]);
  });
});
