import { RawClient } from '../../../test/support/raw-client.js';

const BOUNDARY = 'slow-client';

/** A client that sends an upload in two parts over a socket, so that it can leave in between. */
export class UploadClient {
  readonly #client: RawClient;
  readonly #rest: string;

  private constructor(client: RawClient, rest: string) {
    this.#client = client;
    this.#rest = rest;
  }

  /** Sends the head and the first half of the file. */
  static async begin(url: string, bytes: Buffer): Promise<UploadClient> {
    const client = await RawClient.connect(url);
    const form = [
      `--${BOUNDARY}`,
      'Content-Disposition: form-data; name="userId"',
      '',
      '7',
      `--${BOUNDARY}`,
      'Content-Disposition: form-data; name="file"; filename="photo.jpg"',
      'Content-Type: image/jpeg',
      '',
      bytes.toString('latin1'),
      `--${BOUNDARY}--`,
      '',
    ].join('\r\n');
    const half = form.length - bytes.length / 2;
    client.request('/images', {
      method: 'POST',
      headers: {
        'Content-Type': `multipart/form-data; boundary=${BOUNDARY}`,
        'Content-Length': String(form.length),
      },
    });
    client.write(form.slice(0, half));
    return new UploadClient(client, form.slice(half));
  }

  /** Sends the second half. */
  finish(): void {
    this.#client.write(this.#rest);
  }

  async status(): Promise<number> {
    return (await this.#client.response()).status;
  }

  /** Closes its side of the connection. */
  halfClose(): void {
    this.#client.halfClose();
  }

  /** Resets the connection. */
  hangUp(): void {
    this.#client.hangUp();
  }

  close(): void {
    this.#client.close();
  }
}
