import { DemoProcess } from '../../01-orders/demo/demo-process.js';
import { wallClock } from '../../01-orders/demo/wall-clock.js';
import type { AppMessage } from '../../02-registration/demo/app-message.js';
import { RequestRecord } from '../../02-registration/demo/request-record.js';
import type { RenderIn } from '../images/image-renderer.js';
import type { PeerUrls } from '../peers/images-peers.js';
import { entriesOf } from './folder.js';

/** What a client saw of its upload. */
export interface SentUpload {
  readonly sentAt: number;
  readonly answeredAt: number;
  readonly status: number;
  /** Empty when it was refused. */
  readonly imageId: string;
}

/** The application in its process, with what it tells of one upload after the other. */
export class DemoApp {
  /** For its database and its temporary files. */
  readonly #folder: string;
  readonly #process: DemoProcess<AppMessage>;
  readonly #url: string;
  /** Where the messages about the current upload begin. */
  #from = 0;

  private constructor(
    folder: string,
    process: DemoProcess<AppMessage>,
    port: number,
  ) {
    this.#folder = folder;
    this.#process = process;
    this.#url = `http://127.0.0.1:${port}/images`;
  }

  /** In a folder that an application may have left behind. */
  static async start(
    folder: string,
    { cdn, analytics }: PeerUrls,
    renderIn: RenderIn,
  ): Promise<DemoApp> {
    const entry = new URL('./app-process.js', import.meta.url);
    const child = new DemoProcess<AppMessage>('the application', entry, {
      PORT: '0',
      DATABASE_URL: `file://${folder}/database`,
      CDN_URL: cdn,
      CDN_API_KEY: 'demo',
      ANALYTICS_URL: analytics,
      TEMP_FOLDER: folder,
      RETRY_DELAY_MS: '100',
      RENDER_IN: renderIn,
    });
    const { port } = await child.message(
      (message) => message.type === 'listening',
    );
    return new DemoApp(folder, child, port);
  }

  get exited() {
    return this.#process.exited;
  }

  /** What it has on disk, beside its database. */
  get temporaryFiles(): string[] {
    return entriesOf(this.#folder).filter(
      (path) => !path.startsWith('database') && !/^images-[^/]+$/.test(path),
    );
  }

  /** Whether the folder is there in which it has them. */
  get hasTemporaryFolder(): boolean {
    return entriesOf(this.#folder).some((path) => path.startsWith('images-'));
  }

  /** Uploads a file; what is told from now on belongs to it. */
  async upload(bytes: Buffer | string, name: string): Promise<SentUpload> {
    this.#from = this.#process.messages.length;
    const form = new FormData();
    form.set('userId', '7');
    form.set('file', new Blob([bytes]), name);
    const sentAt = wallClock();
    const response = await fetch(this.#url, { method: 'POST', body: form });
    const answer = (await response.json()) as { imageId?: string };
    const { status } = response;
    const { imageId = '' } = answer;
    return { sentAt, answeredAt: wallClock(), status, imageId };
  }

  async stateOf(imageId: string): Promise<string> {
    const response = await fetch(`${this.#url}/${imageId}`);
    const { status } = (await response.json()) as { status?: string };
    return response.ok ? String(status) : String(response.status);
  }

  async cancel(imageId: string): Promise<number> {
    const url = `${this.#url}/${imageId}`;
    return (await fetch(url, { method: 'DELETE' })).status;
  }

  /** What followed from the current upload, so far. */
  record(sentAt: number): RequestRecord {
    return new RequestRecord(this.#process.messages.slice(this.#from), sentAt);
  }

  /** Waits until no task is left. */
  async idle(): Promise<void> {
    this.#process.send('tellWhenIdle');
    await this.#process.message(
      (message) => message.type === 'idle',
      this.#from,
    );
  }

  terminate(): void {
    this.#process.kill('SIGTERM');
  }
}
