import { mkdtempSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { environment, type Environment } from '../environment.js';

/** The folder of this process for uploads. The last hook of the shutdown removes it. */
@Injectable()
export class TemporaryFiles implements OnApplicationShutdown {
  readonly folder: string;
  readonly #logger = new Logger(TemporaryFiles.name);

  constructor(@Inject(environment.KEY) { TEMP_FOLDER }: Environment) {
    this.folder = mkdtempSync(join(TEMP_FOLDER, 'images-'));
  }

  /** Moves an uploaded file to `original` in a new folder, and returns the folder. */
  async adopt(path: string, name: string): Promise<string> {
    const folder = join(this.folder, name);
    await mkdir(folder);
    await rename(path, join(folder, 'original'));
    return folder;
  }

  /**
   * Removes a file, or a folder with its content. A failure is logged, and the shutdown
   * tries again.
   */
  async remove(path: string): Promise<void> {
    try {
      await rm(path, { recursive: true, force: true, maxRetries: 5 });
    } catch (error) {
      this.#logger.warn(`${path} is still there: ${String(error)}`);
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.remove(this.folder);
  }
}
