import sharp, { type Sharp } from 'sharp';

/** The formats that can be uploaded. */
export const IMAGE_FORMATS = ['jpeg', 'png', 'webp'] as const;

export type ImageFormat = (typeof IMAGE_FORMATS)[number];

// For the whole process: no other parser of libvips (SVG, PDF, TIFF …) ever sees what a client sent.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: [
    'VipsForeignLoadJpeg',
    'VipsForeignLoadPng',
    'VipsForeignLoadWebp',
  ],
});
// The cache would keep files open that are removed.
sharp.cache(false);

/** Reads no more of the file than its header, until something is made of the image. */
export function openImage(path: string, maxPixels: number | false): Sharp {
  return sharp(path, { limitInputPixels: maxPixels });
}
