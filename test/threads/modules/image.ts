import sharp from 'sharp';

/** A JPEG of this size, in one colour. */
export function createImage(width: number, height: number): Promise<Buffer> {
  const background = { r: 200, g: 100, b: 50 };
  return sharp({ create: { width, height, channels: 3, background } })
    .jpeg()
    .toBuffer();
}

export function createThumbnail(image: Buffer, width: number): Promise<Buffer> {
  return sharp(image).resize({ width }).jpeg().toBuffer();
}
