import { Injectable, Logger } from '@nestjs/common';
import type { Task, TaskErrorReporter } from 'nestjs-tasks';
import type { ImageTasks } from './image-tasks.js';
import { ImagesInProgress } from './images-in-progress.js';
import { ImagesRepository } from './images.repository.js';

/** Told when an image has finally failed: leaves nothing of it but a row that says so. */
@Injectable()
export class ImageErrorReporter implements TaskErrorReporter {
  readonly #logger = new Logger(ImageErrorReporter.name);

  constructor(
    private readonly inProgress: ImagesInProgress,
    private readonly images: ImagesRepository,
  ) {}

  async handle(task: Task, error: Error): Promise<void> {
    const [image] = task.args as Parameters<ImageTasks['process']>;
    this.#logger.error(`Image processing failed: ${error.message}`);
    try {
      await this.inProgress.discard(image);
      await this.images.saveFailed(image, error);
    } finally {
      this.inProgress.end(image);
    }
  }
}
