import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { DockerEndpoint } from './endpoint.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export interface FakeDaemon extends AsyncDisposable {
  readonly endpoint: DockerEndpoint & { readonly kind: 'unix' };
  /** `METHOD /path` of every request so far, without the query. */
  readonly requests: string[];
  /** What is answered to `METHOD /path`; an `:id` in a path stands for any one word. */
  on(route: string, answer: Answer | object): void;
  /** Requests are taken and never answered from now on. */
  hang(): void;
  /** Resolves with the connection of the next attach. */
  attached(): Promise<Duplex>;
  /** How many there are now. */
  connections(): number;
  /** Breaks all connections and listens no more. */
  die(): void;
}

/** Speaks as much of Docker's Engine API as a container's life takes, on a Unix socket of its own. */
export async function startFakeDaemon(): Promise<FakeDaemon> {
  const dir = mkdtempSync(join(tmpdir(), 'devbox-daemon-'));
  const socketPath = join(dir, 'docker.sock');
  const routes = new Map<string, Answer>();
  const requests: string[] = [];
  let isHung = false;
  const connections = new Set<Duplex>();
  const attached = Promise.withResolvers<Duplex>();

  const server = createServer((request, response) => {
    const path = request.url?.replace(/\?.*/, '') ?? '';
    requests.push(`${request.method} ${path}`);
    if (isHung) return;
    const answer = [...routes].find(([route]) => matches(route, `${request.method} ${path}`))?.[1];
    if (answer) answer(request, response);
    else json(response, 404, { message: `no such thing: ${path}` });
  });
  server.on('connection', (socket: Duplex) => {
    connections.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => connections.delete(socket));
  });
  server.on('upgrade', (request, socket: Duplex) => {
    requests.push(`${request.method} ${request.url?.replace(/\?.*/, '')}`);
    if (isHung) return;
    socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n');
    socket.on('end', () => socket.end()).resume();
    attached.resolve(socket);
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));

  const on = (route: string, answer: Answer | object) => {
    routes.set(
      route,
      typeof answer === 'function' ? (answer as Answer) : (_, response) => json(response, 200, answer),
    );
  };
  const die = () => {
    server.close();
    for (const socket of connections) socket.destroy();
  };
  on('GET /_ping', (_, response) => response.end('OK'));
  on('POST /containers/create', (_, response) => json(response, 201, { Id: 'made' }));
  on('POST /containers/:id/start', (_, response) => response.writeHead(204).end());
  on('DELETE /containers/:id', (_, response) => response.writeHead(204).end());
  on('GET /containers/:id/json', { State: { OOMKilled: false } });
  return {
    endpoint: { kind: 'unix', socketPath },
    requests,
    on,
    hang: () => {
      isHung = true;
    },
    attached: () => attached.promise,
    connections: () => connections.size,
    die,
    [Symbol.asyncDispose]: async () => {
      die();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function matches(route: string, request: string): boolean {
  const words = request.split('/');
  const pattern = route.split('/');
  return (
    words.length === pattern.length && pattern.every((word, index) => word === ':id' || word === words[index])
  );
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}

/** A frame of a container's output. */
export function frame(fd: 1 | 2, text: string): Buffer {
  const payload = Buffer.from(text);
  const header = Buffer.alloc(8);
  header.writeUInt8(fd, 0);
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}
