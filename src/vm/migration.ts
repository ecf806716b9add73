import { createReadStream } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { Failure } from '../core/failure.ts';
import { listenOnce } from './listener.ts';
import type { Qmp } from './qmp.ts';

/**
 * The state of a machine but for its memory, which is a file already: `x-ignore-shared` leaves it out. Over a socket,
 * because QEMU's sandbox starts no programs and QEMU 7.2 knows no files here.
 * https://www.qemu.org/docs/master/devel/migration/main.html
 */
const CAPABILITIES = ['x-ignore-shared', 'events'].map((capability) => ({ capability, state: true }));

/** What a state may be at most; it is some 400 KB. */
const MAX_STATE_BYTES = 2 ** 26;

/** Reads the state of a stopped machine. `socket`: a path to use. */
export async function saveState(qmp: Qmp, socket: string): Promise<Buffer> {
  await qmp.execute('migrate-set-capabilities', { capabilities: CAPABILITIES });
  using listener = await listenOnce(socket);
  const done = untilMigrated(qmp);
  await qmp.execute('migrate', { uri: `unix:${socket}` });
  const [state] = await Promise.all([listener.connection.then(readAll), done]);
  return state;
}

/** Gives a machine that waits for it (`-incoming defer`) the state that lies in `file`. */
export async function loadState(qmp: Qmp, file: string, socket: string): Promise<void> {
  await qmp.execute('migrate-set-capabilities', { capabilities: CAPABILITIES });
  const done = untilMigrated(qmp);
  await qmp.execute('migrate-incoming', { uri: `unix:${socket}` });
  const connection = createConnection(socket);
  // QEMU hangs up when it has all it needs, which may be before we are done; only it knows whether that was well.
  pipeline(createReadStream(file), connection).catch(() => {});
  await done;
}

function untilMigrated(qmp: Qmp): Promise<void> {
  return new Promise((resolve, reject) => {
    qmp.onEvent(({ event, data }) => {
      if (event !== 'MIGRATION') return;
      if (data.status === 'completed') resolve();
      if (data.status === 'failed' || data.status === 'cancelled') reject(migrationFailure(data.status));
    });
  });
}

async function readAll(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > MAX_STATE_BYTES) throw migrationFailure('too large');
  }
  return Buffer.concat(chunks);
}

function migrationFailure(status: string): Failure {
  return new Failure({
    kind: 'infrastructure',
    code: 'migration-failed',
    message: `QEMU could not move the state of the machine: ${status}.`,
  });
}
