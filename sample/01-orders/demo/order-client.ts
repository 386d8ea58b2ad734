import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { wallClock } from './wall-clock.js';

export interface OrderResponse {
  /** When the last byte was there. */
  readonly at: number;
  readonly status: number;
  /** 0 when the order was refused. */
  readonly orderId: number;
}

/** Places an order over a socket of its own. */
export class OrderClient {
  readonly sentAt: number;
  readonly #socket: Socket;

  private constructor(socket: Socket, order: object) {
    const body = JSON.stringify(order);
    this.#socket = socket;
    this.sentAt = wallClock();
    socket.write(
      'POST /orders HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n' +
        `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  }

  static async place(port: number, order: object): Promise<OrderClient> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new OrderClient(socket, order);
  }

  async response(): Promise<OrderResponse> {
    let text = '';
    for await (const chunk of this.#socket as AsyncIterable<Buffer>) {
      text += chunk.toString('latin1');
      const [head = '', body = ''] = text.split('\r\n\r\n');
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1]);
      if (body.length < length) continue;
      const at = wallClock();
      const { orderId = 0 } = JSON.parse(body) as { orderId?: number };
      return { at, status: Number(head.split(' ')[1]), orderId };
    }
    throw new Error('The connection was closed before the response was there.');
  }

  /** Closes the connection, and says when. */
  hangUp(): number {
    this.#socket.destroy();
    return wallClock();
  }
}
