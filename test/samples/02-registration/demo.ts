import { DemoApp } from '../../../sample/.demo/demo-app.js';
import type { Demo } from '../../../sample/.demo/report.js';
import { LEGEND } from '../../../sample/.demo/timeline.js';
import { RegistrationPeers } from './registration-peers.js';
import { playRegistrations } from './registration-scenes.js';
import { playShutdown } from './shutdown-scene.js';
import { playVerification } from './verification-scene.js';

const INTRODUCTION = `
Users register over HTTP. The application runs in a process of its own; its mails go to an SMTP server in this one.
It tries a mail again after 100, 200 and 400 ms.

${LEGEND}`;

/** Registrations as users would make them, and what became of their mails. */
export const demo: Demo = {
  async play(report, folder) {
    const peers = new RegistrationPeers();
    const databaseUrl = `file://${folder}/database`;
    const file = 'registration/registration.controller.js';
    const app = await DemoApp.start(
      {
        sample: '02-registration',
        watch: {
          handler: [
            [file, 'RegistrationController', 'register'],
            [file, 'RegistrationController', 'verify'],
          ],
        },
      },
      {
        ...(await peers.listen()),
        DATABASE_URL: databaseUrl,
        PUBLIC_URL: 'https://app.example',
        HASH_ROUNDS: 10,
        RETRY_DELAY_MS: 100,
      },
    );
    const stage = { app, peers, report };
    report.print(INTRODUCTION);
    await playRegistrations(stage);
    await playVerification(stage);
    await playShutdown(stage, databaseUrl);
    await peers.close();
  },
};
