import {
  BadRequestException,
  PayloadTooLargeException,
  UnsupportedMediaTypeException,
} from '@nestjs/common';
import type { Metadata } from 'sharp';
import { IMAGE_FORMATS, openImage, type ImageFormat } from './open-image.js';

/** A file as the parser of the platform left it on disk. */
export interface UploadedImageFile {
  readonly path: string;
  readonly originalname: string;
  readonly size: number;
}

/**
 * Finds out from the header what image a file holds, without decoding it.
 *
 * @throws HttpException when it holds none that can be processed
 */
export async function inspectImage(
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
    'The file is no JPEG, PNG or WebP image.',
    { cause },
  );
}
