import { Injectable, Logger } from '@nestjs/common';
import type { Task, TaskErrorReporter } from 'nestjs-tasks';
import type { ImageUpload } from './image-upload.js';
import { ImagesInProgress } from './images-in-progress.js';
import { ImagesRepository } from './images.repository.js';

/** Called when an image has failed: removes everything but a row with the error. */
@Injectable()
export class ImageErrorReporter implements TaskErrorReporter {
  readonly #logger = new Logger(ImageErrorReporter.name);

  constructor(
    private readonly inProgress: ImagesInProgress,
    private readonly images: ImagesRepository,
  ) {}

  async handle(task: Task, error: Error): Promise<void> {
    const [image] = task.args as [ImageUpload];
    this.#logger.error(`Image processing failed: ${error.message}`);
    try {
      await this.inProgress.discard(image);
      await this.images.saveFailed(image, error);
    } finally {
      this.inProgress.end(image);
    }
  }
}
