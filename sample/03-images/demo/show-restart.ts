import { showImage } from './show-images.js';
import type { Stage } from './stage.js';

/** Images that were uploaded before the application was stopped. */
export interface EarlierImages {
  readonly ready: string;
  readonly dropped: string;
}

/** Starts from what a process left behind, and renders in worker threads from now on. */
export async function showRestart(
  stage: Stage,
  { ready, dropped }: EarlierImages,
): Promise<void> {
  const { app, checks } = stage;
  await showImage('F. Started again, with worker threads', stage);
  const claim = checks.claim(
    'Of the images before the shutdown the one of A is ready, and the one of E is unknown.',
    (await app.stateOf(ready)) === 'ready' &&
      (await app.stateOf(dropped)) === '404',
  );
  console.log(`${claim}\n`);
}
