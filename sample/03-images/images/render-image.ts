import sharp, { type Sharp } from 'sharp';

/** The formats that can be uploaded. */
export const IMAGE_FORMATS = ['jpeg', 'png', 'webp'] as const;

export type ImageFormat = (typeof IMAGE_FORMATS)[number];

// For the whole process: no other parser of libvips (SVG, PDF, TIFF …) reads an upload.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: [
    'VipsForeignLoadJpeg',
    'VipsForeignLoadPng',
    'VipsForeignLoadWebp',
  ],
});
// The cache would keep removed files open.
sharp.cache(false);

/** Reads only the header of the file until the image is used. */
export function openImage(path: string, maxPixels: number | false): Sharp {
  return sharp(path, { limitInputPixels: maxPixels });
}

/** An image to read, and the file to write. */
export interface Rendering {
  readonly source: string;
  readonly target: string;
  /** Of both. */
  readonly format: ImageFormat;
  /** Larger images are not decoded. */
  readonly maxPixels: number;
}

/** An upload may be designed to take long to decode. */
const TIMEOUT_S = 30;

/** Writes a version for the web: upright and without metadata. */
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
