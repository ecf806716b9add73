import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';

export interface Listener extends Disposable {
  /** The first connection. Later ones are refused: the socket is gone from the file system by then. */
  readonly connection: Promise<Socket>;
}

/** Listens on a Unix socket for one peer. We listen before the peer starts, so nobody waits for a file to appear. */
export async function listenOnce(path: string): Promise<Listener> {
  const server = createServer();
  server.maxConnections = 1;
  let peer: Socket | undefined;
  const connection = new Promise<Socket>((resolve) => {
    server.once('connection', (socket) => {
      peer = socket;
      socket.on('error', () => {}); // 'close' follows; whoever uses the socket listens for that.
      server.close();
      rmSync(path, { force: true });
      resolve(socket);
    });
  });
  server.listen(path);
  await once(server, 'listening');
  return {
    connection,
    [Symbol.dispose]: () => {
      server.close();
      peer?.destroy();
      rmSync(path, { force: true });
    },
  };
}
