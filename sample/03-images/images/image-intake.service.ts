import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { Environment, environment } from '../environment.js';
import type { ImageUpload } from './image-upload.js';
import { inspectImage, type UploadedImageFile } from './inspect-image.js';
import { TemporaryFiles } from './temporary-files.js';

@Injectable()
export class ImageIntake {
  constructor(
    @Inject(environment.KEY) private readonly config: Environment,
    private readonly files: TemporaryFiles,
  ) {}

  /**
   * Takes an uploaded file over, or removes it.
   *
   * @throws HttpException when it is no image that can be processed
   */
  async accept(userId: number, file: UploadedImageFile): Promise<ImageUpload> {
    try {
      const format = await inspectImage(file, this.config.MAX_PIXELS);
      const imageId = randomUUID();
      const folder = await this.files.adopt(file.path, imageId);
      return { imageId, userId, filename: file.originalname, format, folder };
    } catch (error) {
      await this.files.remove(file.path);
      throw error;
    }
  }
}
