import { randomUUID } from 'node:crypto';
import {
  BadRequestException,
  Inject,
  Injectable,
  PayloadTooLargeException,
  UnsupportedMediaTypeException,
} from '@nestjs/common';
import type { Metadata } from 'sharp';
import { environment, type Environment } from '../environment.js';
import type { ImageUpload } from './image-upload.js';
import { IMAGE_FORMATS, openImage, type ImageFormat } from './render-image.js';
import { TemporaryFiles } from './temporary-files.js';

/** A file that the parser of the platform has written to disk. */
export interface UploadedImageFile {
  readonly path: string;
  readonly originalname: string;
  readonly size: number;
}

@Injectable()
export class ImageIntake {
  constructor(
    @Inject(environment.KEY) private readonly config: Environment,
    private readonly files: TemporaryFiles,
  ) {}

  /**
   * Moves an uploaded file to the folder of its image, or removes it.
   *
   * @throws HttpException when it is not an image that can be processed
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

/**
 * Determines the format of an image from its header, without decoding it.
 *
 * @throws HttpException when the file is not an image that can be processed
 */
async function inspectImage(
  { path, size }: UploadedImageFile,
  maxPixels: number,
): Promise<ImageFormat> {
  if (size === 0) throw new BadRequestException('The file is empty.');
  const { format, width, height, pages = 1 } = await readHeader(path);
  if (pages > 1) {
    throw new UnsupportedMediaTypeException('The image must not be animated.');
  }
  const pixels = width * height;
  if (pixels > maxPixels) {
    throw new PayloadTooLargeException(
      `The image has ${width} × ${height} = ${pixels} pixels; ${maxPixels} are allowed.`,
    );
  }
  const known = IMAGE_FORMATS.find((name) => name === format);
  if (!known) throw notAnImage();
  return known;
}

async function readHeader(path: string): Promise<Metadata> {
  try {
    return await openImage(path, false).metadata();
  } catch (error) {
    throw notAnImage(error);
  }
}

function notAnImage(cause?: unknown): UnsupportedMediaTypeException {
  return new UnsupportedMediaTypeException(
    'The file is not a JPEG, PNG or WebP image.',
    { cause },
  );
}
