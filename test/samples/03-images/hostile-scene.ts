import type { Claim } from '../../../sample/.demo/report.js';
import { bomb, GIF } from './pictures.js';
import { noFiles, upload, type Stage } from './stage.js';

type HostileUpload = readonly [
  what: string,
  file: Buffer | string,
  name: string,
  status: number,
];

/** Uploads that must be refused. */
export async function playHostile(stage: Stage): Promise<void> {
  const { app, photo, report } = stage;
  const uploads: readonly HostileUpload[] = [
    ['A name that is a path', photo, '../../etc/passwd.jpg', 400],
    ['A name that hides what it is', photo, 'a\u202egpj.exe', 400],
    ['A name of 300 letters', photo, `${'a'.repeat(300)}.jpg`, 400],
    ['An empty file', '', 'a.jpg', 400],
    ['A text named .jpg', 'I am an image, really.', 'a.jpg', 415],
    ['A GIF', GIF, 'a.gif', 415],
    ['50 megapixels in 156 kB', await bomb(), 'a.png', 413],
    ['A file of 11 MB', Buffer.alloc(11_000_000), 'a.jpg', 413],
  ];
  const claims: Claim[] = [];
  for (const [what, file, name, status] of uploads) {
    const sent = await upload(stage, file, name);
    await app.ask('waitUntilIdle');
    const { tasks } = app.record(sent.sentAt);
    claims.push([
      `${what} is answered with ${status}, and schedules nothing.`,
      sent.status === status && tasks.length === 0,
    ]);
  }
  report.claim('Hostile uploads', [...claims, noFiles(stage)]);
}
