import { describe, expect, it } from 'vitest';
import { exitedPayload, fakeGuest } from '../../../tests/support/fake-guest.ts';
import { connectGuestChannel } from './connect-guest-channel.ts';
import { BULK_DISK_BYTES, GuestFrame, HostFrame, MAX_BULK_BYTES } from './frame.ts';
import type { BulkSource } from './guest-channel.ts';
import type { ExecOptions } from './guest-process.ts';
import { u32 } from './payload.ts';

const WHERE_IT_LIES: BulkSource = { read: (offset, length) => Buffer.alloc(length, offset / MAX_BULK_BYTES) };

const where = (stream: number, offset: number, length: number) =>
  Buffer.concat([u32(stream), u32(offset), u32(length)]);

async function start(
  options: Partial<ExecOptions> = {},
  bulk: { bulk?: BulkSource } = { bulk: WHERE_IT_LIES },
) {
  const guest = fakeGuest();
  const channel = connectGuestChannel(guest.socket, bulk);
  guest.hello();
  const starting = channel.exec({ argv: ['program'], ...options });
  const { id } = await guest.receive();
  guest.send(GuestFrame.started, id, u32(42));
  return { guest, channel, id, process: await starting };
}

async function bytes(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('output in bulk', () => {
  it('is read from its disk, in order with what came through the port, and each piece is acknowledged', async () => {
    const { guest, id, process } = await start();
    guest.send(GuestFrame.stdout, id, Buffer.from('before'));
    guest.send(GuestFrame.bulk, id, where(1, MAX_BULK_BYTES, 100_000));
    guest.send(GuestFrame.stdout, id, Buffer.from('between'));
    guest.send(GuestFrame.bulk, id, where(1, 2 * MAX_BULK_BYTES, 70_000));
    guest.send(GuestFrame.bulk, id, where(2, 3 * MAX_BULK_BYTES, 65_536));
    guest.send(GuestFrame.exited, id, exitedPayload(0));
    guest.send(GuestFrame.closed, id);
    const [stdout, stderr] = await Promise.all([bytes(process.stdout), bytes(process.stderr)]);
    const expected = [
      ...[Buffer.from('before'), Buffer.alloc(100_000, 1)],
      ...[Buffer.from('between'), Buffer.alloc(70_000, 2)],
    ];
    expect(stdout.equals(Buffer.concat(expected))).toBe(true);
    expect(stderr.equals(Buffer.alloc(65_536, 3))).toBe(true);
    for (let i = 0; i < 3; i++)
      expect(await guest.receive()).toMatchObject({ type: HostFrame.bulkTaken, id });
  });

  it('is handed on in small pieces', async () => {
    const { guest, id, process } = await start();
    guest.send(GuestFrame.bulk, id, where(1, 0, MAX_BULK_BYTES));
    for await (const chunk of process.stdout) {
      expect(chunk.length).toBeLessThanOrEqual(65_536);
      break;
    }
  });

  it.each<[string, Buffer, Partial<ExecOptions>?]>([
    ['nothing', where(1, 0, 0)],
    ['more than a piece may be', where(1, 0, MAX_BULK_BYTES + 1)],
    ['beyond the end of the disk', where(1, BULK_DISK_BYTES - 99, 100)],
    ['far beyond it', where(1, 0xffff_ffff, 100)],
    ['of a stream that was not asked for', where(3, 0, 100)],
    ['of a stream that is none', where(0, 0, 100)],
    ['more than its credit', where(1, 0, 101), { windowBytes: 100 }],
    ['told with a payload too long', Buffer.concat([where(1, 0, 100), u32(0)])],
  ])('ends the connection when it is %s', async (_, payload, options) => {
    const { guest, channel, id } = await start(options);
    guest.send(GuestFrame.bulk, id, payload);
    expect(await channel.closed).toMatchObject({ kind: 'guest', code: 'guest-protocol' });
  });

  it('ends the connection when there is no disk', async () => {
    const { guest, channel, id } = await start({}, {});
    guest.send(GuestFrame.bulk, id, where(1, 0, 100));
    expect(await channel.closed).toMatchObject({ kind: 'guest', code: 'guest-protocol' });
  });
});
