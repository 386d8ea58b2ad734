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
import type { Platform } from '../../../test/support/platforms.js';
import { AppModule } from '../app.module.js';
import { Database } from '../database/database.js';
import { Environment, environment } from '../environment.js';
import { ImageRenderer } from '../images/image-renderer.js';
import { TemporaryFiles } from '../images/temporary-files.js';
import { ImagesPeers } from '../peers/images-peers.js';
import { entriesOf } from '../demo/folder.js';
import { decoded } from '../demo/pictures.js';

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

/** The application with its peers, all listening on free ports, and what tests ask of them. */
export class ImagesFixture {
  readonly app: INestApplication;
  readonly url: string;
  readonly peers: ImagesPeers;
  readonly database: Database;
  /** Knows of the tasks since {@link reset}. */
  tester: TasksTester;
  /** All that happened to tasks since {@link reset}. */
  readonly events: TaskEvent[];
  /** Of the application alone: it makes a folder of its own in there. */
  readonly tempFolder: string;
  readonly #processing: EventEmitter;

  private constructor(
    app: INestApplication,
    peers: ImagesPeers,
    tempFolder: string,
    events: TaskEvent[],
    processing: EventEmitter,
  ) {
    this.app = app;
    this.peers = peers;
    this.tempFolder = tempFolder;
    this.events = events;
    this.#processing = processing;
    this.database = app.get(Database);
    this.tester = testerOf(app);
    const { port } = app.getHttpServer().address() as AddressInfo;
    this.url = `http://127.0.0.1:${port}/images`;
  }

  static async start(
    platform: Platform,
    overrides: Partial<Environment> = {},
  ): Promise<ImagesFixture> {
    const peers = new ImagesPeers();
    const urls = await peers.listen();
    const tempFolder = mkdtempSync(join(tmpdir(), 'images-test-'));
    const variables: Environment = {
      PORT: 0,
      DATABASE_URL: 'memory://',
      CDN_URL: urls.cdn,
      CDN_API_KEY: 'cdn-key',
      ANALYTICS_URL: urls.analytics,
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
    return new ImagesFixture(app, peers, tempFolder, events, processing);
  }

  /** The folder that uploads come into. */
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

  /** Uploads what must be accepted, and gives the id of the image. */
  async accepted(bytes: Buffer, form: UploadForm = {}): Promise<string> {
    const response = await this.upload(bytes, form);
    const text = await response.text();
    if (response.status !== 202) throw new Error(text);
    return (JSON.parse(text) as { imageId: string }).imageId;
  }

  /** Uploads what must be accepted, and waits for all tasks. */
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

  /** What the images on the CDN turn out to be, by path. */
  async onCdn() {
    const entries = [...this.peers.cdn.files].map(
      async ([path, { bytes }]) => [path, await decoded(bytes)] as const,
    );
    return Object.fromEntries(await Promise.all(entries));
  }

  /** The bodies of what analytics received. */
  get analytics(): unknown[] {
    return this.peers.analytics.received.map(({ body }) => body);
  }

  /** All that is on disk. */
  get files(): string[] {
    return entriesOf(this.uploadFolder);
  }

  /** Resolves when this happens to the processing of an image. */
  async next(type: TaskEvent['type']): Promise<void> {
    await once(this.#processing, type);
  }

  /** Resolves when a thumbnail has begun to be made. */
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

  /** What happened to the tasks of this name. */
  eventsOf(name: string): string[] {
    return this.events
      .filter(({ task }) => task.name === name)
      .map(({ type }) => type);
  }

  /** Forgets all that happened. */
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
    rmSync(this.tempFolder, { recursive: true, force: true });
  }
}

function testerOf(app: INestApplication): TasksTester {
  // Images take their time on a busy machine.
  return TasksTester.for(app, { timeout: '30s' });
}
