import sharp, { type Sharp } from 'sharp';
import type { ImageFormat } from '../../../sample/03-images/images/render-image.js';

export interface Picture {
  readonly format?: ImageFormat;
  readonly width?: number;
  readonly height?: number;
  /** The EXIF orientation: 6 is "rotate clockwise". */
  readonly orientation?: number;
}

/** An image of noise. */
export function picture(options: Picture = {}): Promise<Buffer> {
  const { format = 'jpeg', width = 450, height = 300, orientation } = options;
  const image = noise(width, height).toFormat(format);
  if (orientation === undefined) return image.toBuffer();
  return image
    .withExif({ IFD3: { GPSLatitudeRef: 'N' } })
    .withMetadata({ orientation })
    .toBuffer();
}

/** 10,000 × 5,000 pixels of one colour, in less than 200 kB. */
export function bomb(): Promise<Buffer> {
  const create = {
    width: 10_000,
    height: 5_000,
    channels: 3,
    background: 'red',
  } as const;
  return sharp({ create }).png({ compressionLevel: 9 }).toBuffer();
}

/** Two frames. */
export async function animation(): Promise<Buffer> {
  const frames = await Promise.all(
    [1, 2].map(() => noise(50, 50).png().toBuffer()),
  );
  return sharp(frames, { join: { animated: true } })
    .webp()
    .toBuffer();
}

/** One pixel. */
export const GIF = Buffer.from(
  'R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7',
  'base64',
);

/** It has more pixels than are allowed, which shows whether it is parsed. */
export const SVG =
  '<svg xmlns="http://www.w3.org/2000/svg" width="9000" height="9000"><rect width="9" height="9"/></svg>';

/** The properties of an image after all of it is decoded. */
export async function decoded(bytes: Buffer) {
  const { format, orientation, exif } = await sharp(bytes).metadata();
  const { info } = await sharp(bytes, { failOn: 'warning' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  return {
    format,
    width,
    height,
    channels,
    orientation,
    hasExif: exif !== undefined,
  };
}

function noise(width: number, height: number): Sharp {
  return sharp({
    create: {
      width,
      height,
      channels: 3,
      background: 'grey',
      noise: { type: 'gaussian', mean: 128, sigma: 30 },
    },
  });
}
