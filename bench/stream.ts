import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import type { Guest } from '../src/app/guest/start-guest.ts';
import { projectRoot } from '../src/platform/paths.ts';
import { listenOnce } from '../src/vm/listener.ts';
import { startBareGuest } from '../tests/support/bare-guest.ts';
import { command, compare, print } from './measure.ts';
import { scratchDirectory } from './scratch.ts';

const BYTES = 200 * 2 ** 20;
const DATA = '/dev/shm/data';

/**
 * 200 MiB from the guest to the host: through the guest's channel, framed and with credit, against `cat` into a bare
 * virtio-serial port of the same guest. Target: 1.5×. Then the memory that devbox takes meanwhile. Target: below 200 MB.
 */
export async function benchStream(rounds: number): Promise<void> {
  await compareWays(rounds);
  await reportPeak();
}

async function compareWays(rounds: number): Promise<void> {
  using scratch = scratchDirectory();
  const runDir = scratch.path;
  await using guest = await startBareGuest(runDir);
  await run(guest, ['head', '-c', String(BYTES), '/dev/zero'], DATA);
  const port = await addBarePort(guest, runDir);
  await compare(
    { name: '200 MiB through the guest channel', run: () => throughChannel(guest) },
    { name: '200 MiB through a bare virtio-serial port', run: () => throughPort(guest, port) },
    { rounds },
  );
}

/** Runs a command in the guest; its output goes to a file there. */
async function run(guest: Guest, argv: readonly string[], output: string): Promise<void> {
  const process = await guest.vm.channel.exec({ argv: ['sh', '-c', `exec "$@" > ${output}`, 'sh', ...argv] });
  await process.closed;
  const { code } = await process.exited;
  if (code !== 0) throw new Error(`${argv.join(' ')} failed in the guest.`);
}

async function throughChannel(guest: Guest): Promise<void> {
  const process = await guest.vm.channel.exec({ argv: ['cat', DATA] });
  let received = 0;
  for await (const chunk of process.stdout) received += chunk.length;
  if (received !== BYTES) throw new Error(`${received} bytes arrived, not ${BYTES}.`);
}

interface BarePort {
  readonly socket: Socket;
  /** In the guest. */
  readonly device: string;
}

async function addBarePort({ vm }: Guest, runDir: string): Promise<BarePort> {
  const path = join(runDir, 'bare.sock');
  const listener = await listenOnce(path);
  const backend = { type: 'socket', data: { addr: { type: 'unix', data: { path } }, server: false } };
  await vm.qmp.execute('chardev-add', { id: 'bare', backend });
  await vm.qmp.execute('device_add', { driver: 'virtserialport', chardev: 'bare', name: 'bare', nr: '2' });
  const find = 'until grep -l bare /sys/class/virtio-ports/*/name; do :; done';
  const process = await vm.channel.exec({ argv: ['sh', '-c', find] });
  let found = '';
  for await (const chunk of process.stdout) found += Buffer.from(chunk).toString();
  const name = found.split('/').at(-2);
  if (name === undefined) throw new Error('The guest did not get the bare port.');
  return { socket: await listener.connection, device: `/dev/${name}` };
}

async function throughPort(guest: Guest, { socket, device }: BarePort): Promise<void> {
  let received = 0;
  const done = new Promise<void>((resolve) => {
    const onData = (chunk: Buffer) => {
      received += chunk.length;
      if (received < BYTES) return;
      socket.off('data', onData);
      resolve();
    };
    socket.on('data', onData);
  });
  await Promise.all([done, run(guest, ['cat', DATA], device)]);
}

async function reportPeak(): Promise<void> {
  using scratch = scratchDirectory();
  const dir = scratch.path;
  const file = join(dir, 'peak');
  const hook = join(projectRoot, 'tests', 'support', 'report-peak.ts');
  await command(
    [join(projectRoot, 'devbox'), 'exec', '--no-share', '--', 'head', '-c', String(BYTES), '/dev/zero'],
    { cwd: dir, env: { PEAK_FILE: file, NODE_OPTIONS: `--import=${hook}` } },
  );
  print(
    `${'peak memory of devbox while 200 MiB stream'.padEnd(56)} ${(Number(readFileSync(file, 'utf8')) / 1024).toFixed(0)} MiB`,
  );
}
