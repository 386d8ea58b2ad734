import sharp from 'sharp';

/** The amount of light for each byte of a picture. */
const LIGHT = Float32Array.from({ length: 256 }, (_none, byte) => {
  const value = byte / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
});

/** @param {number} light */
function toByte(light) {
  const value =
    light <= 0.0031308 ? light * 12.92 : 1.055 * light ** (1 / 2.4) - 0.055;
  return Math.round(value * 255);
}

/**
 * A thumbnail that is scaled in JavaScript: sharp decodes and encodes off the calling
 * thread, and the pixels are averaged on it.
 *
 * @param {string} path
 * @param {number} width
 */
export async function createThumbnail(path, width) {
  const { data, info } = await sharp(path)
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { channels } = info;
  const height = Math.round((info.height * width) / info.width);
  const small = shrink(data, info, width, height);
  const raw = { width, height, channels };
  return sharp(small, { raw }).jpeg().toBuffer();
}

/**
 * The same, made by sharp alone, which does all of it off the calling thread.
 *
 * @param {string} path
 * @param {number} width
 */
export function createThumbnailBySharp(path, width) {
  return sharp(path).resize({ width }).jpeg().toBuffer();
}

/**
 * Averages the light of all pixels that are merged into one.
 *
 * @param {Uint8Array} pixels
 * @param {{ width: number, height: number, channels: number }} from
 * @param {number} width
 * @param {number} height
 */
function shrink(pixels, from, width, height) {
  const { channels } = from;
  const sums = new Float64Array(width * height * channels);
  const counts = new Uint32Array(width * height);
  let position = 0;
  for (let y = 0; y < from.height; y += 1) {
    const row = Math.floor((y * height) / from.height) * width;
    for (let x = 0; x < from.width; x += 1) {
      const target = row + Math.floor((x * width) / from.width);
      counts[target] = (counts[target] ?? 0) + 1;
      for (let channel = 0; channel < channels; channel += 1) {
        const at = target * channels + channel;
        const light = LIGHT[pixels[position] ?? 0] ?? 0;
        sums[at] = (sums[at] ?? 0) + light;
        position += 1;
      }
    }
  }
  return Uint8Array.from(sums, (sum, at) =>
    toByte(sum / (counts[Math.floor(at / channels)] ?? 1)),
  );
}
