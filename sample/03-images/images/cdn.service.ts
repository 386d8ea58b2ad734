import { openAsBlob } from 'node:fs';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { currentTask } from 'nestjs-tasks';
import { environment, type Environment } from '../environment.js';
import {
  cdnPathOf,
  fileOf,
  IMAGE_VERSIONS,
  type ImageUpload,
  type ImageUrls,
  type ImageVersion,
} from './image-upload.js';

/** The CDN refused a request or did not answer. */
export class CdnError extends Error {
  override readonly name = 'CdnError';
  /** The status of the answer; `undefined` when there was none. */
  readonly status: number | undefined;

  constructor(message: string, status?: number, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }

  /** Whether a retry may succeed. */
  get isTemporary(): boolean {
    return (
      this.status === undefined || this.status === 429 || this.status >= 500
    );
  }
}

@Injectable()
export class CdnService {
  readonly #logger = new Logger(CdnService.name);

  constructor(@Inject(environment.KEY) private readonly config: Environment) {}

  /** Uploads all versions concurrently. When one fails, the others are aborted. */
  async upload(image: ImageUpload): Promise<ImageUrls> {
    const failure = new AbortController();
    const signal = AbortSignal.any([currentTask().signal, failure.signal]);
    const puts = IMAGE_VERSIONS.map(
      async (version) =>
        [version, await this.#put(image, version, signal)] as const,
    );
    try {
      return Object.fromEntries(await Promise.all(puts)) as ImageUrls;
    } catch (error) {
      failure.abort(error);
      throw error;
    }
  }

  /** Removes the versions of an image that exist. Failures are logged. */
  async remove(image: ImageUpload): Promise<void> {
    // The signal of the task has aborted if the task was cancelled.
    const signal = AbortSignal.timeout(5_000);
    const removals = IMAGE_VERSIONS.map(async (version) => {
      try {
        await this.#request(cdnPathOf(image, version), {
          method: 'DELETE',
          signal,
        });
      } catch (error) {
        this.#logger.warn((error as Error).message);
      }
    });
    await Promise.all(removals);
  }

  async #put(
    image: ImageUpload,
    version: ImageVersion,
    signal: AbortSignal,
  ): Promise<string> {
    const body = await openAsBlob(fileOf(image, version), {
      type: `image/${image.format}`,
    });
    const path = cdnPathOf(image, version);
    const answer = await this.#request(path, { method: 'PUT', body, signal });
    const { url } = JSON.parse(answer) as { url: string };
    return url;
  }

  async #request(path: string, init: RequestInit): Promise<string> {
    const what = `${init.method} ${path}`;
    try {
      const response = await fetch(`${this.config.CDN_URL}/upload/${path}`, {
        ...init,
        headers: { authorization: `Bearer ${this.config.CDN_API_KEY}` },
      });
      const answer = await response.text();
      if (response.ok) return answer;
      throw new CdnError(
        `The CDN answered ${response.status} to ${what}: ${answer}`,
        response.status,
      );
    } catch (error) {
      if (error instanceof CdnError || init.signal?.aborted) throw error;
      throw new CdnError(`The CDN did not answer to ${what}`, undefined, {
        cause: error,
      });
    }
  }
}
