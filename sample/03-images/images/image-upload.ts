import { join } from 'node:path';
import type { ImageFormat } from './render-image.js';

/** An image that was accepted: the argument of its task. */
export interface ImageUpload {
  readonly imageId: string;
  readonly userId: number;
  /** The name from the client. It is stored and shown, and never part of a path. */
  readonly filename: string;
  /** Determined from the bytes, not from the name. */
  readonly format: ImageFormat;
  /** Contains one file for each version; at first, only `original`. */
  readonly folder: string;
}

export const IMAGE_VERSIONS = ['original', 'optimized', 'thumb'] as const;

export type ImageVersion = (typeof IMAGE_VERSIONS)[number];

/** The URLs of the versions of an image on the CDN. */
export type ImageUrls = Readonly<Record<ImageVersion, string>>;

/** The path of the temporary file. */
export function fileOf({ folder }: ImageUpload, version: ImageVersion): string {
  return join(folder, version);
}

/** The path contains the id, so that images with one name do not overwrite each other. */
export function cdnPathOf(
  { userId, imageId, format }: ImageUpload,
  version: ImageVersion,
): string {
  return `images/${userId}/${version}/${imageId}.${format}`;
}
