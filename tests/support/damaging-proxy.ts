import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface DamagingProxy extends AsyncDisposable {
  /** For `http_proxy`. */
  readonly url: string;
  /** How many answers it has cut short. */
  readonly cut: number;
}

/** A proxy on this machine that hands on what it is asked for, but of files that end in `ending` only the first half. */
export async function damagingProxy(ending: string): Promise<DamagingProxy> {
  let cut = 0;
  const handOn = (from: IncomingMessage, to: ServerResponse, damage: boolean) => {
    const { statusCode = 502, headers } = from;
    to.writeHead(statusCode, headers);
    if (!damage || statusCode !== 200) {
      from.pipe(to);
      return;
    }
    cut += 1;
    let left = Number(headers['content-length'] ?? 0) / 2;
    from.on('data', (chunk: Buffer) => {
      to.write(chunk.subarray(0, Math.max(0, left)));
      left -= chunk.length;
      if (left <= 0) to.destroy();
    });
  };
  const server = createServer((asked, answer) => {
    const url = new URL(asked.url ?? '');
    const onward = request(url, { method: asked.method, headers: asked.headers }, (found) =>
      handOn(found, answer, url.pathname.endsWith(ending)),
    );
    onward.on('error', () => answer.destroy());
    asked.pipe(onward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get cut() {
      return cut;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
