import { setTimeout as pause } from 'node:timers/promises';
import { DemoProcess } from '../../../sample/.demo/demo-process.js';
import type { Demo } from '../../../sample/.demo/report.js';
import { missingNode } from '../06-outbox/demo.js';

const INTRODUCTION = `
An export answers 202 with an id, and is followed to its file. A second one is cancelled while it runs. The process is killed with SIGKILL
in the middle of a third one, and started again.
`;

interface View {
  readonly status: string;
  readonly attempt: number;
  readonly progress?: { readonly percent: number };
  readonly result?: { readonly file: string; readonly rows: number };
}

/** Exports that are watched, cancelled, and survive a crash. */
export const demo: Demo = {
  missing: missingNode,

  async play(report, folder) {
    report.print(INTRODUCTION);
    const environment = {
      PORT: '0',
      PAGE_PAUSE_MS: '100',
      DATABASE_URL: process.env['DATABASE_URL'] ?? `file://${folder}/database`,
      REDIS_URL: process.env['REDIS_URL'],
    };
    const first = await start(environment);
    const watched = await first.create();
    const percents = new Set<number>();
    const done = await first.until(watched, ({ status, progress }) => {
      if (progress) percents.add(progress.percent);
      return status === 'succeeded';
    });
    report.print(`  the first was seen at ${[...percents].join(', ')} %`);
    const file = await fetch(first.url + (done.result?.file ?? ''));
    const lines = (await file.text()).split('\n');

    const unwanted = await first.create();
    await first.until(unwanted, ({ progress }) => progress !== undefined);
    await fetch(`${first.url}/exports/${unwanted}`, { method: 'DELETE' });
    const cancelled = await first.until(
      unwanted,
      ({ status }) => status !== 'running',
    );
    report.print(
      `  the second is ${cancelled.status} at ${cancelled.progress?.percent ?? 0} %`,
    );

    const interrupted = await first.create();
    await first.until(interrupted, ({ progress }) => progress !== undefined);
    first.app.kill('SIGKILL');
    await first.app.exited;
    report.print('  the process is killed in the middle of the third');
    const second = await start(environment);
    const again = await second.until(
      interrupted,
      ({ status }) => status === 'succeeded',
    );
    report.print(`  it has succeeded on attempt ${again.attempt}`, '');
    second.app.kill('SIGTERM');
    await second.app.exited;

    report.claim('Exports', [
      ['progress was seen on the way', percents.size > 2],
      ['the file has all orders', lines.length === 1_001],
      [
        'the second ended as cancelled, without a result',
        cancelled.status === 'cancelled' && !cancelled.result,
      ],
      [
        'the third was started a second time, and finished',
        again.attempt === 2 && again.result?.rows === 1_000,
      ],
    ]);
  },
};

async function start(environment: NodeJS.ProcessEnv) {
  const app = new DemoProcess<{ url: string }>(
    'the application',
    new URL('../../../sample/07-exports/main.js', import.meta.url),
    environment,
  );
  const { url } = await app.ready();
  return {
    app,
    url,
    create: async () => {
      const response = await fetch(`${url}/exports`, { method: 'POST' });
      return ((await response.json()) as { id: string }).id;
    },
    until: async (id: string, isSo: (view: View) => boolean) => {
      for (;;) {
        const response = await fetch(`${url}/exports/${id}`);
        const view = (await response.json()) as View;
        if (isSo(view)) return view;
        await pause(50);
      }
    },
  };
}
