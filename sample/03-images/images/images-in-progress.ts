import { Injectable } from '@nestjs/common';
import type { Task } from 'nestjs-tasks';
import { CdnService } from './cdn.service.js';
import type { ImageUpload } from './image-upload.js';
import { ImagesRepository } from './images.repository.js';
import { TemporaryFiles } from './temporary-files.js';

interface Progress {
  readonly task: Task<[ImageUpload], void>;
  /** The last attempt. It may continue for a while after a cancellation or a timeout. */
  attempt?: Promise<void>;
  /** Whether it may be on the CDN or in the database. */
  isPublished?: true;
}

/** The images that are being processed. */
@Injectable()
export class ImagesInProgress {
  readonly #images = new Map<string, Progress>();

  constructor(
    private readonly cdn: CdnService,
    private readonly images: ImagesRepository,
    private readonly files: TemporaryFiles,
  ) {}

  has(imageId: string): boolean {
    return this.#images.has(imageId);
  }

  /** Cancels the processing; `false` if there is none. */
  cancel(imageId: string): boolean {
    return this.#images.get(imageId)?.task.cancel('by the client') ?? false;
  }

  /**
   * Waits for the task of an image, and removes what no error handler removes: that of
   * a task that was cancelled or that a shutdown dropped.
   */
  async follow(
    image: ImageUpload,
    task: Task<[ImageUpload], void>,
  ): Promise<void> {
    this.#images.set(image.imageId, { task });
    const { status } = await task.settled();
    if (status === 'failed') return;
    try {
      if (status !== 'succeeded') await this.discard(image);
    } finally {
      this.end(image);
    }
  }

  beginAttempt({ imageId }: ImageUpload, attempt: Promise<void>): void {
    const progress = this.#images.get(imageId);
    if (progress) progress.attempt = attempt;
  }

  beginPublishing({ imageId }: ImageUpload): void {
    const progress = this.#images.get(imageId);
    if (progress) progress.isPublished = true;
  }

  /** Undoes everything that was done for an image, once its last attempt has ended. */
  async discard(image: ImageUpload): Promise<void> {
    const progress = this.#images.get(image.imageId);
    await progress?.attempt?.catch(() => {});
    await this.files.remove(image.folder);
    if (!progress?.isPublished) return;
    await this.cdn.remove(image);
    await this.images.remove(image.imageId);
  }

  end({ imageId }: ImageUpload): void {
    this.#images.delete(imageId);
  }
}
