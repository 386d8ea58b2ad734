import { EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { TaskEvent } from 'nestjs-tasks';
import { TasksTester } from 'nestjs-tasks/testing';
import { entriesOf } from '../../../test/samples/03-images/folder.js';
import { ImagesPeers } from '../../../test/samples/03-images/images-peers.js';
import { decoded } from '../../../test/samples/03-images/pictures.js';
import {
  newDatabase,
  type TestDatabase,
} from '../../../test/samples/test-database.js';
import type { Platform } from '../../../test/support/platforms.js';
import { Database } from '../../database/database.js';
import { AppModule } from '../app.module.js';
import { environment, type Environment } from '../environment.js';
import { ImageRenderer } from '../images/image-renderer.js';
import { TemporaryFiles } from '../images/temporary-files.js';

export interface UploadForm {
  readonly name?: string;
  readonly userId?: string;
}

export interface ImageRow {
  readonly id: string;
  readonly userId: number;
  readonly status: string;
  readonly urls: (string | null)[];
  readonly filename: string;
  readonly error: string | null;
}

/** The application and its peers, all listening on free ports, with what tests need of them. */
export class ImagesFixture {
  readonly app: INestApplication;
  readonly url: string;
  readonly peers: ImagesPeers;
  readonly database: Database;
  /** Records the tasks since {@link reset}. */
  tester: TasksTester;
  /** All task events since {@link reset}. */
  readonly events: TaskEvent[];
  /** The application creates its own folder in it. */
  readonly tempFolder: string;
  readonly #processing: EventEmitter;
  readonly #ownDatabase: TestDatabase | undefined;

  private constructor(
    app: INestApplication,
    peers: ImagesPeers,
    tempFolder: string,
    events: TaskEvent[],
    processing: EventEmitter,
    ownDatabase: TestDatabase | undefined,
  ) {
    this.app = app;
    this.peers = peers;
    this.tempFolder = tempFolder;
    this.events = events;
    this.#processing = processing;
    this.#ownDatabase = ownDatabase;
    this.database = app.get(Database);
    this.tester = testerOf(app);
    const { port } = app.getHttpServer().address() as AddressInfo;
    this.url = `http://127.0.0.1:${port}/images`;
  }

  static async start(
    platform: Platform,
    overrides: Partial<Environment> = {},
  ): Promise<ImagesFixture> {
    const own = overrides.DATABASE_URL ? undefined : await newDatabase();
    const peers = new ImagesPeers();
    const tempFolder = mkdtempSync(join(tmpdir(), 'images-test-'));
    const variables: Environment = {
      PORT: 0,
      DATABASE_URL: own?.url ?? '',
      ...(await peers.listen()),
      TEMP_FOLDER: tempFolder,
      MAX_UPLOAD_BYTES: 2 * 1024 * 1024,
      MAX_PIXELS: 25_000_000,
      RETRY_DELAY_MS: 1,
      RENDER_IN: 'process',
      ...overrides,
    };
    const events: TaskEvent[] = [];
    const processing = new EventEmitter();
    const observe = (event: TaskEvent) => {
      events.push(event);
      const { type, task } = event;
      if (task.name.startsWith('process_image_')) processing.emit(type);
    };
    const module = await Test.createTestingModule({
      imports: [AppModule.forRoot({ observers: [observe] })],
    })
      .overrideProvider(environment.KEY)
      .useValue(variables)
      .compile();
    const app = module.createNestApplication(platform.adapter(), {
      logger: false,
    });
    await app.listen(0, '127.0.0.1');
    return new ImagesFixture(app, peers, tempFolder, events, processing, own);
  }

  /** The folder into which uploads are written. */
  get uploadFolder(): string {
    return this.app.get(TemporaryFiles).folder;
  }

  upload(
    bytes: Buffer | string,
    { name = 'photo.jpg', userId = '7' }: UploadForm = {},
  ): Promise<Response> {
    const form = new FormData();
    form.set('userId', userId);
    form.set('file', new Blob([bytes]), name);
    return this.post(form);
  }

  post(
    body: FormData | string,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    return fetch(this.url, { method: 'POST', body, headers });
  }

  /** Uploads a file, which must be accepted, and returns the id of the image. */
  async accepted(bytes: Buffer, form: UploadForm = {}): Promise<string> {
    const response = await this.upload(bytes, form);
    const text = await response.text();
    if (response.status !== 202) throw new Error(text);
    return (JSON.parse(text) as { imageId: string }).imageId;
  }

  /** Uploads a file, which must be accepted, and waits for all tasks. */
  async processed(bytes: Buffer, form: UploadForm = {}): Promise<string> {
    const imageId = await this.accepted(bytes, form);
    await this.tester.settled();
    return imageId;
  }

  get(imageId: string): Promise<Response> {
    return fetch(`${this.url}/${imageId}`);
  }

  async state(imageId: string): Promise<unknown> {
    return (await this.get(imageId)).json();
  }

  cancel(imageId: string): Promise<Response> {
    return fetch(`${this.url}/${imageId}`, { method: 'DELETE' });
  }

  rows(): Promise<ImageRow[]> {
    return this.database.query(
      `SELECT id, user_id AS "userId", status, metadata->>'filename' AS filename, error,
              ARRAY[original_url, optimized_url, thumbnail_url] AS urls
       FROM images ORDER BY id`,
    );
  }

  /** The rows of a query, once the application has closed its database. */
  async rowsLeft(sql: string): Promise<unknown[] | undefined> {
    return this.#ownDatabase?.rows(sql);
  }

  /** The properties of the images on the CDN, by path. */
  async onCdn() {
    const entries = [...this.peers.cdn.files].map(
      async ([path, { bytes }]) => [path, await decoded(bytes)] as const,
    );
    return Object.fromEntries(await Promise.all(entries));
  }

  /** The bodies that analytics received. */
  get analytics(): unknown[] {
    return this.peers.analytics.received.map(({ body }) => body);
  }

  /** All temporary files. */
  get files(): string[] {
    return entriesOf(this.uploadFolder);
  }

  /** Resolves at the next event of this type of an image task. */
  async next(type: TaskEvent['type']): Promise<void> {
    await once(this.#processing, type);
  }

  /** Resolves when the rendering of a thumbnail has started. */
  async rendering(): Promise<void> {
    const renderer = this.app.get(ImageRenderer);
    const { createThumbnail } = renderer;
    await new Promise<void>((resolve) => {
      jest.spyOn(renderer, 'createThumbnail').mockImplementation((...args) => {
        const rendered = createThumbnail(...args);
        resolve();
        return rendered;
      });
    });
  }

  /** The types of the events of all tasks with this name. */
  eventsOf(name: string): string[] {
    return this.events
      .filter(({ task }) => task.name === name)
      .map(({ type }) => type);
  }

  /** Forgets all events, requests and rows. */
  async reset(): Promise<void> {
    await this.tester.settled();
    this.tester = testerOf(this.app);
    this.events.length = 0;
    this.peers.reset();
    await this.database.query('TRUNCATE images');
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.peers.close();
    await this.#ownDatabase?.drop();
    rmSync(this.tempFolder, { recursive: true, force: true });
  }
}

function testerOf(app: INestApplication): TasksTester {
  // Longer than the default, for machines under load.
  return TasksTester.for(app, { timeout: '30s' });
}
