import { chromium, type Page } from 'playwright-core';
import type { Claim } from '../../../sample/.demo/report.js';

export const BROWSER = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const PATIENCE_MS = 30_000;

/** Looks at the page as a person would, and tells what it has found. */
export async function checkPage(address: string): Promise<Claim[]> {
  const browser = await chromium.launch({
    executablePath: BROWSER,
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run'],
  });
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(String(error)));
    await page.goto(address);
    return [
      ['the page is connected', await has(page, '.connection.live')],
      [
        'a payment that was declined is shown',
        await has(page, '.item .failed'),
      ],
      ...(await checkRequests(page)),
      [
        `the page has no errors ${problems.join(', ')}`.trim(),
        problems.length === 0,
      ],
    ];
  } finally {
    await browser.close();
  }
}

async function checkRequests(page: Page): Promise<Claim[]> {
  await page.getByRole('link', { name: 'Requests' }).click();
  const drawn = '.request:has-text("POST /orders")';
  return [
    ['orders are drawn as timelines', await has(page, `${drawn} .bar.handler`)],
    ['with their responses', await has(page, `${drawn} .sent`)],
    [
      'and their tasks, until these have ended',
      await has(
        page,
        `${drawn} .row:has-text("sendOrderConfirmation") .succeeded`,
      ),
    ],
  ];
}

function has(page: Page, selector: string): Promise<boolean> {
  return page
    .locator(selector)
    .first()
    .waitFor({ state: 'attached' })
    .then(
      () => true,
      () => false,
    );
}
