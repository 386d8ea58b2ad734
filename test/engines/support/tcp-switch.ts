import { once } from 'node:events';
import {
  connect,
  createServer,
  type AddressInfo,
  type Server,
  type Socket,
} from 'node:net';

interface Target {
  readonly host: string;
  readonly port: number;
}

/** An address that leads to one server, and later to another, as after a failover. */
export class TcpSwitch {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  target: Target;

  private constructor(target: Target) {
    this.target = target;
    this.#server = createServer((near) => {
      const far = connect(this.target);
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(from);
        from.on('error', () => to.destroy());
        from.on('close', () => to.destroy());
        from.pipe(to);
      }
    });
  }

  static async to(target: Target): Promise<TcpSwitch> {
    const tcpSwitch = new TcpSwitch(target);
    tcpSwitch.#server.listen(0, '127.0.0.1');
    await once(tcpSwitch.#server, 'listening');
    return tcpSwitch;
  }

  get connection(): Target {
    const { port } = this.#server.address() as AddressInfo;
    return { host: '127.0.0.1', port };
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}
