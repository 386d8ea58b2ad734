import 'reflect-metadata';
import { accessSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TasksDashboardModule } from 'nestjs-tasks/dashboard';
import { inProcessEngine } from 'nestjs-tasks/in-process';
import { Database } from '../../../sample/database/database.js';
import type { Demo } from '../../../sample/.demo/report.js';
import { DemoPeers } from '../01-orders/demo-peers.js';
import { BROWSER, checkPage } from './check-page.js';
import { placeOrders } from './traffic.js';

/** Whether the demo looks at the page by itself and ends; otherwise it runs until it is stopped. */
const isChecked = process.argv.includes('--check') || process.argv[2] === 'all';

/** The dashboard of the orders sample, with orders that come in all the time. */
export const demo: Demo = {
  isEndless: !isChecked,

  missing() {
    if (!isChecked || process.env['CI']) return undefined;
    try {
      accessSync(BROWSER);
      return undefined;
    } catch {
      return `There is no ${BROWSER} to look at the page with.`;
    }
  },

  async play(report, folder) {
    const peers = await DemoPeers.start();
    await peers.slow({ payment: 700, mail: 250, warehouse: 400 });
    const databaseUrl = `file://${folder}/database`;
    Object.assign(process.env, peers.environment, {
      DATABASE_URL: databaseUrl,
      PORT: '0',
    });
    const app = await startShop();
    const { port } = app.getHttpServer().address() as AddressInfo;
    const url = `http://127.0.0.1:${port}`;
    const stop = new AbortController();
    const traffic = placeOrders(url, stop.signal);
    report.print(
      `\nThe dashboard of the orders sample is at ${url}/tasks`,
      'Orders come in all the time; some of their cards are declined. Stop with Ctrl+C.\n',
    );
    if (isChecked) {
      report.claim('the dashboard', await checkPage(`${url}/tasks`));
    } else {
      await setTimeout(2 ** 31 - 1);
    }
    stop.abort();
    await traffic;
    await app.close();
  },
};

async function startShop(): Promise<INestApplication> {
  // It reads the environment when it is loaded.
  const { AppModule } = await import('../../../sample/01-orders/app.module.js');
  class DashboardDemoModule {}
  const app = await NestFactory.create(
    {
      module: DashboardDemoModule,
      imports: [
        AppModule.forRoot({ engine: inProcessEngine() }),
        // It listens on this machine only.
        TasksDashboardModule.forRoot({ public: true, actions: true }),
      ],
    },
    { logger: false },
  );
  // Enough for a long look.
  await app.get(Database).query('UPDATE inventory SET available = 1000000');
  await app.listen(0, '127.0.0.1');
  return app;
}
