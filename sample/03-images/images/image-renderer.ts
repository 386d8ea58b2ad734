import { inThread } from 'nestjs-tasks/threads';
import { createThumbnail, optimizeImage } from './render-image.js';

/** The CPU-bound work. */
export abstract class ImageRenderer {
  abstract readonly optimizeImage: typeof optimizeImage;
  abstract readonly createThumbnail: typeof createThumbnail;
}

/** Where images are rendered. */
export type RenderIn = 'process' | 'threads';

export function imageRenderer(where: RenderIn): ImageRenderer {
  // sharp computes in the thread pool of Node.js and does not block the event loop.
  if (where === 'process') return { optimizeImage, createThumbnail };
  // Worker threads never block it, and a cancellation terminates them.
  const module = new URL('./render-image.js', import.meta.url);
  return {
    optimizeImage: inThread<typeof optimizeImage>(module, 'optimizeImage'),
    createThumbnail: inThread<typeof createThumbnail>(
      module,
      'createThumbnail',
    ),
  };
}
