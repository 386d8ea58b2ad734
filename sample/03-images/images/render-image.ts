import type { Sharp } from 'sharp';
import { openImage, type ImageFormat } from './open-image.js';

/** An image to be read, and the file to be written. */
export interface Rendering {
  readonly source: string;
  readonly target: string;
  /** Of both. */
  readonly format: ImageFormat;
  /** More than these are not decoded. */
  readonly maxPixels: number;
}

/** Whatever a client sent: the decoder gives up after that long. */
const TIMEOUT_S = 30;

/** Writes a version for the web: upright, without metadata. */
export async function optimizeImage(rendering: Rendering): Promise<void> {
  await write(read(rendering), rendering, 90);
}

/** Writes a version that fits into a square of `size` pixels; a smaller image is not enlarged. */
export async function createThumbnail(
  rendering: Rendering,
  size: number,
): Promise<void> {
  const image = read(rendering).resize(size, size, {
    fit: 'inside',
    withoutEnlargement: true,
  });
  await write(image, rendering, 85);
}

function read({ source, maxPixels }: Rendering): Sharp {
  return openImage(source, maxPixels)
    .timeout({ seconds: TIMEOUT_S })
    .autoOrient();
}

async function write(
  image: Sharp,
  { target, format }: Rendering,
  quality: number,
): Promise<void> {
  await encode(image, format, quality).toFile(target);
}

function encode(image: Sharp, format: ImageFormat, quality: number): Sharp {
  switch (format) {
    case 'jpeg':
      return image.jpeg({ quality, mozjpeg: true });
    case 'png':
      return image.png({ compressionLevel: 9 });
    case 'webp':
      return image.webp({ quality });
  }
}
