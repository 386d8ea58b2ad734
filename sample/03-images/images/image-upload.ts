import { join } from 'node:path';
import type { ImageFormat } from './open-image.js';

/** An image that was accepted, as its task gets it. */
export interface ImageUpload {
  readonly imageId: string;
  readonly userId: number;
  /** What the client calls it. It is stored and shown, and never part of a path. */
  readonly filename: string;
  /** What the bytes say, whatever the name says. */
  readonly format: ImageFormat;
  /** Holds one file a version, `original` being there. */
  readonly folder: string;
}

export const IMAGE_VERSIONS = ['original', 'optimized', 'thumb'] as const;

export type ImageVersion = (typeof IMAGE_VERSIONS)[number];

/** Where the versions of an image are on the CDN. */
export type ImageUrls = Readonly<Record<ImageVersion, string>>;

/** The temporary file. */
export function fileOf({ folder }: ImageUpload, version: ImageVersion): string {
  return join(folder, version);
}

/** Two images of one name do not overwrite each other. */
export function cdnPathOf(
  { userId, imageId, format }: ImageUpload,
  version: ImageVersion,
): string {
  return `images/${userId}/${version}/${imageId}.${format}`;
}
