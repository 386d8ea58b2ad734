import { accessSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import axe from 'axe-core';
import { chromium, type Browser, type Page } from 'playwright-core';
import sharp from 'sharp';

const EXECUTABLE = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/** Whether this machine has a browser. CI must have one. */
export function hasBrowser(): boolean {
  try {
    accessSync(EXECUTABLE);
    return true;
  } catch (error) {
    if (process.env['CI']) throw error;
    process.stderr.write(
      `Skipped: there is no ${EXECUTABLE} for the tests of the dashboard.\n`,
    );
    return false;
  }
}

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: EXECUTABLE,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });
}

export const DESKTOP = { width: 1_280, height: 800 };
export const PHONE = { width: 390, height: 844 };

/** A page in the light, and what is wrong with it: errors, and what its policy forbids. */
export async function newPage(browser: Browser) {
  const page = await browser.newPage({
    viewport: DESKTOP,
    colorScheme: 'light',
  });
  page.setDefaultTimeout(20_000);
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => {
    if (message.text().includes('Content Security')) {
      problems.push(message.text());
    }
  });
  return { page, problems };
}

/** What keeps people from using the page as it is now; empty when nothing does. */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const violations: {
    id: string;
    nodes: { html: string; failureSummary: string }[];
  }[] = await page.evaluate('axe.run().then(({ violations }) => violations)');
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
  );
}

/** Saves what the page looks like, in few colours, in the folder that `SCREENSHOTS` names. */
export async function screenshot(page: Page, name: string): Promise<void> {
  const folder = process.env['SCREENSHOTS'];
  if (!folder) return;
  await mkdir(folder, { recursive: true });
  const picture = await page.screenshot({ animations: 'disabled' });
  await sharp(picture)
    .png({ palette: true, colours: 96, effort: 10 })
    .toFile(join(folder, `dashboard-${name}.png`));
}
