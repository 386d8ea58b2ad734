import {
  afterAll,
  afterEach,
  beforeAll,
  describe,
  expect,
  it,
} from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { Task } from 'nestjs-tasks';
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
  buildPage,
  gate,
  mailServer,
  Mailer,
  openShop,
} from './support/dashboard-app.js';

const [express] = platforms;
const describeInBrowser = hasBrowser() ? describe : describe.skip;

@Injectable()
class Recurring {
  @Task('inbox.poll', { durable: true, repeat: { every: '1s' } })
  async poll(): Promise<void> {}

  @Task('report.nightly', {
    durable: true,
    repeat: { cron: '0 3 * * *', timeZone: 'Europe/Berlin' },
  })
  async report(): Promise<void> {}
}

describeInBrowser('the states of the page', () => {
  let browser: Browser;
  let page: Page;
  let shop: TestApp;
  let problems: string[];

  beforeAll(async () => {
    buildPage();
    browser = await launchBrowser();
  });
  afterEach(async () => {
    await page.close();
    mailServer.isUp = true;
    gate.current.resolve();
    await closeApps();
    gate.current = deferred();
    expect(problems).toEqual([]);
  });
  afterAll(() => browser?.close());

  const open = async (
    view: string,
    options: Parameters<typeof openShop>[1] = { dashboard: { actions: true } },
  ) => {
    shop = await openShop(express!, options);
    ({ page, problems } = await newPage(browser));
    await page.goto(`${shop.url}/tasks#${view}`);
    await page.getByRole('status').getByText('Live').waitFor();
  };
  const focused = () =>
    page.evaluate<string>('document.activeElement.textContent');
  const failedMail = async (key?: string) => {
    mailServer.isUp = false;
    const task = key === undefined ? shop.tasks : shop.tasks.task({ key });
    await task.of(Mailer).send('ada@example.com').settled();
  };
  const queue = () => page.getByRole('row', { name: /default/ });
  const failures = (count: number) =>
    queue()
      .locator('td.failed')
      .getByText(String(count), { exact: true })
      .waitFor();

  it('shows when a recurring task ran last, and when it is due', async () => {
    await open('stored', { providers: [Recurring] });
    const recurring = page.getByRole('region', {
      name: 'Recurring',
      exact: true,
    });
    const poll = recurring.getByRole('row', { name: 'inbox.poll' });
    await poll.getByText(/just now|ago/).waitFor();

    expect(await poll.textContent()).toMatch(/every 1\.0 s/);
    const nightly = recurring.getByRole('row', { name: 'report.nightly' });
    expect(await nightly.textContent()).toMatch(
      /0 3 \* \* \* Europe\/Berlin.*–in \d+ (h|min)/,
    );
    await screenshot(page, 'recurring');
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.setViewportSize(PHONE);
    await screenshot(page, 'phone-recurring');
    expect(
      await page.evaluate<number>(
        'document.documentElement.scrollWidth - innerWidth',
      ),
    ).toBeLessThanOrEqual(0);
  });

  it('finds stored tasks by their key alone', async () => {
    await open('stored');
    for (const key of ['order-6', 'order-7']) await failedMail(key);
    await failures(2);
    await page.getByLabel('Key', { exact: true }).fill('order-7');
    await page.getByText('1 task shown', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'mail.send' }).click();
    await page.getByRole('dialog').getByText('order-7').waitFor();
  });

  it('says what it waits for, what has failed, and goes on by itself', async () => {
    await open('overview');
    const answer = deferred();
    let status = 503;
    await page.route('**/stored/**', async (route) => {
      await answer.promise;
      if (status === 200) return route.continue();
      await route.fulfill({ status, json: { message: 'Redis is away.' } });
    });
    await page.getByRole('link', { name: 'Stored' }).click();
    await page.getByText('Queues: loading').waitFor();
    await page.getByText('Tasks: loading').waitFor();
    await screenshot(page, 'loading');
    expect(await accessibilityProblems(page)).toEqual([]);

    answer.resolve();
    await page.getByText('Redis is away.').first().waitFor();
    await screenshot(page, 'error');
    expect(await accessibilityProblems(page)).toEqual([]);
    status = 200;
    await queue().waitFor();
    await page.getByText('No stored task is like that').waitFor();
    expect(await page.getByText('Redis is away.').count()).toBe(0);
    await screenshot(page, 'no-stored');
  });

  it.each([
    ['overview', 'No failures'],
    ['requests', 'No requests yet'],
    ['tasks', 'No tasks yet'],
    ['stored', 'There is no store'],
  ])('says that there is nothing to show: %s', async (view, title) => {
    await open(view, {
      tasks: { engine: undefined },
      providers: [],
    });
    await page.getByText(title).waitFor();

    await screenshot(page, `empty-${view}`);
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  it('keeps the theme that was chosen, whatever that of the system', async () => {
    await open('overview');
    const background = () =>
      page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    const light = await background();
    await page.getByRole('button', { name: 'Use the dark theme' }).click();
    const dark = await background();
    expect(dark).not.toBe(light);
    await page.reload();
    await page.getByRole('button', { name: 'Use the light theme' }).waitFor();
    expect(await background()).toBe(dark);
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.getByRole('button', { name: 'Use the light theme' }).click();
    expect(await background()).toBe(light);
  });

  it('moves nothing for those who ask for that', async () => {
    await open('tasks');
    await shop.request('/orders/export');
    const dot = page.locator('.badge.running i');
    await dot.waitFor();
    const animation = () =>
      page.evaluate<string>(
        "getComputedStyle(document.querySelector('.badge.running i')).animationName",
      );

    expect(await animation()).toBe('pulse');
    await page.emulateMedia({ reducedMotion: 'reduce' });
    expect(await animation()).toBe('none');
  });

  it('is used by keyboard, in the order in which it is read', async () => {
    await open('stored');
    await queue().waitFor();
    const order: string[] = [];
    for (let index = 0; index < 6; index += 1) {
      await page.keyboard.press('Tab');
      order.push(await focused());
    }
    expect(order).toEqual([
      'Skip to the content',
      'Overview',
      'Requests',
      'Tasks',
      'Stored',
      '',
    ]);
    await page.getByRole('button', { name: 'Skip to the content' }).focus();
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('main');
  });

  it('keeps the focus at the answer that was chosen, and leads it to what came of it', async () => {
    await open('stored');
    await page.getByRole('button', { name: 'Pause' }).focus();
    await page.keyboard.press('Enter');
    expect(await focused()).toBe('Yes, pause');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('No');
    // The row is drawn again.
    await failedMail();
    await failures(1);
    expect(await focused()).toBe('No');
    await page.keyboard.press('Enter');
    expect(await focused()).toBe('Pause');

    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await page.getByText('paused', { exact: true }).waitFor();
    expect(await focused()).toBe('Pause: done.');
    await screenshot(page, 'paused');
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  it('leads the focus to the view when the task is gone that a dialog was opened from', async () => {
    await open('stored');
    await failedMail();
    await page.getByRole('button', { name: 'mail.send' }).focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'mail.send' });
    await dialog.getByRole('button', { name: 'Remove' }).click();
    await dialog.getByRole('button', { name: 'Yes, remove' }).click();
    await dialog.getByText('does not have this task any more').waitFor();
    expect(await focused()).toBe('Remove: done.');
    await screenshot(page, 'removed');
    await page.getByText('0 tasks shown').waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    // A closed dialog has no role any more, before it says that it is closed.
    await page.locator('#main:focus').waitFor();
  });
});
