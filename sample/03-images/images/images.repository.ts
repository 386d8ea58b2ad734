import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import type { ImageUpload, ImageUrls } from './image-upload.js';

/** An image whose processing has ended. */
export interface ImageRecord {
  readonly imageId: string;
  readonly userId: number;
  readonly status: 'ready' | 'failed';
  /** All URLs are `null` if the image has failed. */
  readonly originalUrl: string | null;
  readonly optimizedUrl: string | null;
  readonly thumbnailUrl: string | null;
  readonly metadata: { readonly filename: string; readonly uploadDate: string };
}

@Injectable()
export class ImagesRepository {
  constructor(private readonly database: Database) {}

  async saveReady(image: ImageUpload, urls: ImageUrls): Promise<void> {
    await this.database.query(
      `INSERT INTO images (id, user_id, status, metadata, original_url, optimized_url, thumbnail_url)
       VALUES ($1, $2, 'ready', $3, $4, $5, $6)`,
      [...keyOf(image), urls.original, urls.optimized, urls.thumb],
    );
  }

  async saveFailed(image: ImageUpload, error: Error): Promise<void> {
    await this.database.query(
      `INSERT INTO images (id, user_id, status, metadata, error)
       VALUES ($1, $2, 'failed', $3, $4)`,
      [...keyOf(image), error.message],
    );
  }

  async remove(imageId: string): Promise<void> {
    await this.database.query('DELETE FROM images WHERE id = $1', [imageId]);
  }

  async find(imageId: string): Promise<ImageRecord | undefined> {
    const [row] = await this.database.query<ImageRecord>(
      `SELECT id AS "imageId", user_id AS "userId", status, metadata,
              original_url AS "originalUrl", optimized_url AS "optimizedUrl",
              thumbnail_url AS "thumbnailUrl"
       FROM images WHERE id = $1`,
      [imageId],
    );
    return row;
  }
}

function keyOf({ imageId, userId, filename }: ImageUpload): unknown[] {
  const uploadDate = new Date().toISOString();
  return [imageId, userId, JSON.stringify({ filename, uploadDate })];
}
