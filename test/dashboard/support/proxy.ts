import {
  createServer,
  request,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/** A proxy with a path of its own in front of a path of an application. */
export interface Proxy {
  readonly url: string;
  close(): void;
}

/** Forwards what is asked for at `path` to `target`; it has nothing else. */
export async function openProxy(path: string, target: string): Promise<Proxy> {
  const server = createServer((asked, answer) => {
    const { url = '' } = asked;
    if (!url.startsWith(path)) return void answer.writeHead(404).end();
    forward(asked, answer, target + url.slice(path.length));
  });
  await new Promise<void>((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve()),
  );
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${path}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** With the host that was asked for, as the guide says. */
function forward(
  asked: IncomingMessage,
  answer: ServerResponse,
  url: string,
): void {
  const { method, headers } = asked;
  const forwarded = request(url, { method, headers }, (answered) => {
    answer.writeHead(answered.statusCode ?? 502, answered.headers);
    answered.pipe(answer);
  });
  forwarded.on('error', () => answer.destroy());
  answer.on('close', () => forwarded.destroy());
  asked.pipe(forwarded);
}
