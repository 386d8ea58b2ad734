import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';

/** Databases in folders: the first is made, the others are copies, which takes less time. */
export class DatabaseFolders {
  readonly #folder = mkdtempSync(join(tmpdir(), 'images-databases-'));
  #copies = 0;

  /** Makes the first. */
  async prepare(): Promise<void> {
    const database = new PGlite(`file://${this.#folder}/0`);
    await database.waitReady;
    await database.close();
  }

  /** The URL of a new database. */
  copy(): string {
    this.#copies += 1;
    const copy = join(this.#folder, String(this.#copies));
    cpSync(join(this.#folder, '0'), copy, { recursive: true });
    return `file://${copy}`;
  }

  /** The ids of the images in a database that is closed. */
  async imagesIn(url: string): Promise<unknown[]> {
    const database = new PGlite(url);
    const { rows } = await database.query('SELECT id FROM images');
    await database.close();
    return rows;
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
