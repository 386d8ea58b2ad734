import { bomb, GIF } from './pictures.js';
import { claimNoFiles } from './play-upload.js';
import type { Stage } from './stage.js';

/** Uploads that must be refused. */
export async function showHostile(stage: Stage): Promise<void> {
  const { app, checks, peers, photo } = stage;
  checks.begin('Hostile uploads');
  peers.reset();
  const uploads: [
    what: string,
    file: Buffer | string,
    name: string,
    status: number,
  ][] = [
    ['A name that is a path', photo, '../../etc/passwd.jpg', 400],
    ['A name that hides what it is', photo, 'a\u202egpj.exe', 400],
    ['A name of 300 letters', photo, `${'a'.repeat(300)}.jpg`, 400],
    ['An empty file', '', 'a.jpg', 400],
    ['A text named .jpg', 'I am an image, really.', 'a.jpg', 415],
    ['A GIF', GIF, 'a.gif', 415],
    ['50 megapixels in 156 kB', await bomb(), 'a.png', 413],
    ['A file of 11 MB', Buffer.alloc(11_000_000), 'a.jpg', 413],
  ];
  for (const [what, file, name, status] of uploads) {
    const sent = await app.upload(file, name);
    // What is told of this upload has been told by then.
    await app.idle();
    const { tasks } = app.record(sent.sentAt);
    console.log(
      checks.claim(
        `${what} is answered with ${status}, and schedules nothing.`,
        sent.status === status && tasks.length === 0,
      ),
    );
  }
  console.log(`${claimNoFiles(app.temporaryFiles, checks)}\n`);
}
