import { Inject, Injectable } from '@nestjs/common';
import { AppTasks, currentTask, Task } from 'nestjs-tasks';
import { environment, type Environment } from '../environment.js';
import { AnalyticsTasks } from './analytics-tasks.js';
import { CdnError, CdnService } from './cdn.service.js';
import { ImageErrorReporter } from './image-error-reporter.js';
import { ImageRenderer } from './image-renderer.js';
import { fileOf, type ImageUpload, type ImageVersion } from './image-upload.js';
import { ImagesInProgress } from './images-in-progress.js';
import { ImagesRepository } from './images.repository.js';
import type { Rendering } from './render-image.js';
import { TemporaryFiles } from './temporary-files.js';

const THUMBNAIL_SIZE = 300;

@Injectable()
export class ImageTasks {
  constructor(
    @Inject(environment.KEY) private readonly config: Environment,
    private readonly renderer: ImageRenderer,
    private readonly cdn: CdnService,
    private readonly images: ImagesRepository,
    private readonly files: TemporaryFiles,
    private readonly inProgress: ImagesInProgress,
    private readonly tasks: AppTasks,
  ) {}

  /** Renders an image, uploads it to the CDN, writes its row and removes its files. */
  @Task('image.process', {
    timeout: '2m',
    retries: 2,
    retryIf: (error) => error instanceof CdnError && error.isTemporary,
    onError: ImageErrorReporter,
  })
  process(image: ImageUpload): Promise<void> {
    const attempt = this.#attempt(image);
    this.inProgress.beginAttempt(image, attempt);
    return attempt;
  }

  async #attempt(image: ImageUpload): Promise<void> {
    const { attempt, signal } = currentTask();
    // Only CDN errors are retried, and by then everything is rendered.
    if (attempt === 1) await this.#render(image);
    signal.throwIfAborted();
    this.inProgress.beginPublishing(image);
    const urls = await this.cdn.upload(image);
    await this.images.saveReady(image, urls);
    // If it was cancelled during the write, the row is removed with everything else.
    signal.throwIfAborted();
    await this.files.remove(image.folder);
    // A separate task, because the image is ready even if the event fails.
    this.tasks
      .of(AnalyticsTasks)
      .track('image_uploaded', image.userId, { image_id: image.imageId });
  }

  async #render(image: ImageUpload): Promise<void> {
    const rendering = (version: ImageVersion): Rendering => ({
      source: fileOf(image, 'original'),
      target: fileOf(image, version),
      format: image.format,
      maxPixels: this.config.MAX_PIXELS,
    });
    await this.renderer.optimizeImage(rendering('optimized'));
    await this.renderer.createThumbnail(rendering('thumb'), THUMBNAIL_SIZE);
  }
}
