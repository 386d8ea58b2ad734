import { inThread } from 'nestjs-tasks/threads';
import { createThumbnail, optimizeImage } from './render-image.js';

/** The work of the CPU. */
export abstract class ImageRenderer {
  abstract readonly optimizeImage: typeof optimizeImage;
  abstract readonly createThumbnail: typeof createThumbnail;
}

/** Where images are rendered. */
export type RenderIn = 'process' | 'threads';

export function imageRenderer(where: RenderIn): ImageRenderer {
  // sharp computes in the thread pool of Node.js: it does not hold up the event loop.
  if (where === 'process') return { optimizeImage, createThumbnail };
  // In worker threads nothing that the functions do would, and a cancellation ends them.
  const module = new URL('./render-image.js', import.meta.url);
  return {
    optimizeImage: inThread<typeof optimizeImage>(module, 'optimizeImage'),
    createThumbnail: inThread<typeof createThumbnail>(
      module,
      'createThumbnail',
    ),
  };
}
