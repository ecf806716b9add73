import { describe, expect, it } from 'vitest';
import { exitedPayload, type FakeGuest, fakeGuest, helloPayload } from '../../../tests/support/fake-guest.ts';
import { Failure } from '../../core/failure.ts';
import { connectGuestChannel } from './connect-guest-channel.ts';
import { encodeFrame, type Frame, GuestFrame, HostFrame, MAX_EXECS, MAX_REQUESTS } from './frame.ts';
import type { GuestChannel } from './guest-channel.ts';
import type { ExecOptions, GuestProcess } from './guest-process.ts';
import { u32 } from './payload.ts';

function connect(): { guest: FakeGuest; channel: GuestChannel } {
  const guest = fakeGuest();
  const channel = connectGuestChannel(guest.socket);
  guest.hello();
  return { guest, channel };
}

async function start(
  { guest, channel }: { guest: FakeGuest; channel: GuestChannel },
  options: Partial<ExecOptions> = {},
): Promise<{ process: GuestProcess; id: number; asked: Frame }> {
  const starting = channel.exec({ argv: ['program'], ...options });
  const asked = await guest.receive();
  guest.send(GuestFrame.started, asked.id, u32(42));
  return { process: await starting, id: asked.id, asked };
}

async function text(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe('hello', () => {
  it('says what the guest is', async () => {
    const { channel } = connect();
    expect(await channel.hello).toEqual({
      release: '7.2.0-test',
      vcpus: 4,
      memoryKiB: 1_048_576,
      bootNs: 1_500_000_000,
    });
  });

  it.each([
    ['another magic', encodeFrame(GuestFrame.hello, 0, helloPayload({ magic: 1 })), 'guest-protocol'],
    [
      'only newer versions',
      encodeFrame(GuestFrame.hello, 0, helloPayload({ lowest: 4, highest: 5 })),
      'guest-protocol-version',
    ],
    ['no vcpus', encodeFrame(GuestFrame.hello, 0, helloPayload({ values: ['release=x'] })), 'guest-protocol'],
    ['another frame first', encodeFrame(GuestFrame.note, 0, Buffer.from('\x04\0\0\0hi\0')), 'guest-protocol'],
  ])('ends the connection on %s', async (_, frame, code) => {
    const guest = fakeGuest();
    const channel = connectGuestChannel(guest.socket);
    guest.sendRaw(frame);
    await expect(channel.hello).rejects.toMatchObject({ code });
    expect(await channel.closed).toMatchObject({ code });
  });

  it('answers a host that wakes up a clone, and tells it apart', async () => {
    const guest = fakeGuest();
    const resume = { epochNs: 1_234_567_890_123_456_789n, entropy: Buffer.alloc(64, 7) };
    const channel = connectGuestChannel(guest.socket, { resume });
    const asked = await guest.receive();
    expect(asked.type).toBe(HostFrame.resume);
    expect(asked.payload.readBigInt64LE()).toBe(resume.epochNs);
    expect(asked.payload.subarray(8).equals(resume.entropy)).toBe(true);
    guest.send(GuestFrame.hello, asked.id, helloPayload());
    expect(await channel.hello).toMatchObject({ vcpus: 4 });
  });

  it('ends the connection when a clone says what another one was asked for', async () => {
    const guest = fakeGuest();
    const resume = { epochNs: 0n, entropy: Buffer.alloc(32) };
    const channel = connectGuestChannel(guest.socket, { resume });
    await guest.receive();
    guest.hello();
    await expect(channel.hello).rejects.toMatchObject({ code: 'guest-protocol' });
  });

  it('is a boot failure when the guest goes away instead', async () => {
    const guest = fakeGuest();
    const channel = connectGuestChannel(guest.socket);
    guest.hangUp();
    await expect(channel.hello).rejects.toMatchObject({ kind: 'boot', code: 'guest-disconnected' });
  });

  it('stops waiting when its signal is aborted', async () => {
    const abort = new AbortController();
    const channel = connectGuestChannel(fakeGuest().socket, { signal: abort.signal });
    abort.abort(new Failure({ kind: 'boot', code: 'boot-timeout', message: 'too slow' }));
    await expect(channel.hello).rejects.toMatchObject({ code: 'boot-timeout' });
  });
});

describe('a process that was held when its guest was frozen', () => {
  const HALF_A_WINDOW = Buffer.alloc(2 ** 21);

  it('is known to a connection that did not start it, with what was sent and taken before', async () => {
    const before = connect();
    const { process, id } = await start(before, { stdin: true, report: true });
    before.guest.send(GuestFrame.stdinCredit, id, u32(10));
    before.guest.send(GuestFrame.report, id, Buffer.from('waits\n'));
    await process.report[Symbol.asyncIterator]().next();
    const held = before.channel.hold(process, 6);
    expect(held).toEqual({ id, pid: 42, reportedBytes: 6, stdinCredit: 10 });

    const guest = fakeGuest();
    const resume = { epochNs: 0n, entropy: Buffer.alloc(32) };
    const channel = connectGuestChannel(guest.socket, { resume, held });
    const asked = await guest.receive();
    expect(asked.id).not.toBe(id);
    guest.send(GuestFrame.hello, asked.id, helloPayload());
    await channel.hello;
    const taken = channel.takeHeld() as GuestProcess;
    expect(channel.takeHeld()).toBeUndefined();
    expect(taken.pid).toBe(42);

    const writing = taken.write(Buffer.from('eleven byte'));
    expect(await guest.receive()).toMatchObject({
      type: HostFrame.stdin,
      id,
      payload: Buffer.from('eleven byt'),
    });
    guest.send(GuestFrame.stdinCredit, id, u32(1));
    expect(await guest.receive()).toMatchObject({ type: HostFrame.stdin, id, payload: Buffer.from('e') });
    await writing;
    guest.send(GuestFrame.report, id, Buffer.from('{}\n'));
    guest.send(GuestFrame.exited, id, exitedPayload(0));
    guest.send(GuestFrame.closed, id);
    expect(await text(taken.report)).toBe('{}\n');
    expect(await taken.exited).toMatchObject({ code: 0 });
  });

  it('may send what its credit allows that was left to it, and no more', async () => {
    const guest = fakeGuest();
    const held = { id: 7, pid: 42, reportedBytes: 6, stdinCredit: 0 };
    const channel = connectGuestChannel(guest.socket, { held });
    guest.hello();
    await channel.hello;
    for (const half of [HALF_A_WINDOW, HALF_A_WINDOW]) sendReports(guest, 7, half);
    expect(await channel.closed).toMatchObject({ code: 'guest-protocol' });
  });
});

function sendReports(guest: FakeGuest, id: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; at += 2 ** 14)
    guest.send(GuestFrame.report, id, bytes.subarray(at, at + 2 ** 14));
}

describe('exec', () => {
  it('keeps the streams apart and ends them when the guest closes the exec', async () => {
    const connection = connect();
    const { process, id } = await start(connection, { report: true });
    const { guest } = connection;
    guest.send(GuestFrame.stdout, id, Buffer.from('out'));
    guest.send(GuestFrame.stderr, id, Buffer.from('err'));
    guest.send(GuestFrame.report, id, Buffer.from('{}\n'));
    guest.send(GuestFrame.exited, id, exitedPayload(7));
    guest.send(GuestFrame.stdout, id, Buffer.from(' late'));
    guest.send(GuestFrame.closed, id);
    expect(await Promise.all([process.stdout, process.stderr, process.report].map(text))).toEqual([
      'out late',
      'err',
      '{}\n',
    ]);
    expect(await process.exited).toEqual({ code: 7, userUs: 0, systemUs: 0 });
    await process.closed;
  });

  it('says which signal ended a process', async () => {
    const connection = connect();
    const { process, id } = await start(connection);
    connection.guest.send(GuestFrame.exited, id, exitedPayload(0, 9));
    expect(await process.exited).toMatchObject({ signal: 'SIGKILL' });
  });

  it('rejects with the errno and the step of an exec that did not start', async () => {
    const { guest, channel } = connect();
    const starting = channel.exec({ argv: ['nonsense'], cwd: '/nowhere' });
    const { id } = await guest.receive();
    guest.send(GuestFrame.failed, id, Buffer.concat([u32(2), Buffer.from('chdir\0')]));
    await expect(starting).rejects.toMatchObject({
      errno: 'ENOENT',
      message: 'The guest could not start nonsense (chdir): no such file or directory (ENOENT)',
    });
  });

  it('sends arguments that do not fit one frame in parts', async () => {
    const connection = connect();
    const { asked } = await start(connection, { argv: ['program', 'x'.repeat(40_000)] });
    expect(asked.type).toBe(HostFrame.execPart);
    expect((await connection.guest.receive()).type).toBe(HostFrame.exec);
  });

  it('refuses what no program could be given', async () => {
    const { channel } = connect();
    await expect(channel.exec({ argv: ['a\0b'] })).rejects.toMatchObject({
      kind: 'usage',
      code: 'nul-in-string',
    });
    await expect(channel.exec({ argv: [] })).rejects.toMatchObject({ kind: 'usage' });
    await expect(channel.exec({ argv: ['x'.repeat(2 ** 20)] })).rejects.toMatchObject({
      code: 'exec-too-large',
    });
  });

  it('refuses a 65th exec without asking the guest', async () => {
    const connection = connect();
    for (let i = 0; i < MAX_EXECS; i++) await start(connection);
    await expect(connection.channel.exec({ argv: ['one more'] })).rejects.toMatchObject({
      code: 'too-many-execs',
    });
    await connection.channel.hello;
    expect(connection.guest.waiting).toEqual([]);
  });

  it('kills a program whose caller gave up before it had started', async () => {
    const { guest, channel } = connect();
    const abort = new AbortController();
    const starting = channel.exec({ argv: ['slow'] }, { signal: abort.signal });
    const { id } = await guest.receive();
    abort.abort();
    await expect(starting).rejects.toMatchObject({ kind: 'cancelled' });
    expect(await guest.receive()).toEqual({ type: HostFrame.signal, id, payload: u32(9) });
    guest.send(GuestFrame.started, id, u32(5));
    guest.send(GuestFrame.stdout, id, Buffer.from('nobody reads this'));
    guest.send(GuestFrame.exited, id, exitedPayload(0, 9));
    guest.send(GuestFrame.closed, id);
    await answerPing(guest, channel);
  });

  it('has streams at their end where there is a terminal, or no report', async () => {
    const { process } = await start(connect(), { tty: { rows: 24, cols: 80 } });
    expect(await text(process.stderr)).toBe('');
    expect(await text(process.report)).toBe('');
  });
});

describe('back-pressure', () => {
  it('a stream nobody reads stops neither another exec nor a request', async () => {
    const connection = connect();
    const { guest, channel } = connection;
    const stuck = await start(connection, { windowBytes: 30_000 });
    guest.send(GuestFrame.stdout, stuck.id, Buffer.alloc(30_000));
    const { process, id } = await start(connection);
    guest.send(GuestFrame.stdout, id, Buffer.from('still here'));
    guest.send(GuestFrame.exited, id, exitedPayload(0));
    guest.send(GuestFrame.closed, id);
    expect(await text(process.stdout)).toBe('still here');
    await answerPing(guest, channel);
  });

  it('stdin goes out as the guest grants it', async () => {
    const connection = connect();
    const { process, id } = await start(connection, { stdin: true });
    const written = process.write(Buffer.from('abcdef'));
    connection.guest.send(GuestFrame.stdinCredit, id, u32(4));
    expect((await connection.guest.receive()).payload.toString()).toBe('abcd');
    connection.guest.send(GuestFrame.stdinCredit, id, u32(4));
    expect((await connection.guest.receive()).payload.toString()).toBe('ef');
    await written;
  });
});

describe('requests', () => {
  it('bring back data, or the errno the guest met', async () => {
    const { guest, channel } = connect();
    const reading = channel.readFile('/proc/version');
    guest.send(GuestFrame.reply, (await guest.receive()).id, Buffer.concat([u32(0), Buffer.from('Linux')]));
    expect(Buffer.from(await reading).toString()).toBe('Linux');
    const failing = channel.readFile('/nowhere');
    guest.send(GuestFrame.reply, (await guest.receive()).id, u32(2));
    await expect(failing).rejects.toMatchObject({ errno: 'ENOENT', code: 'guest-enoent' });
  });

  it('say how the guest is', async () => {
    const { guest, channel } = connect();
    const asking = channel.vitals();
    const asked = await guest.receive();
    expect(asked.type).toBe(HostFrame.vitals);
    const answer = Buffer.alloc(20);
    answer.writeBigUInt64LE(1_048_576n, 0);
    answer.writeBigUInt64LE(4096n, 8);
    answer.writeUInt32LE(1, 16);
    guest.send(GuestFrame.reply, asked.id, Buffer.concat([u32(0), answer]));
    expect(await asking).toEqual({ memoryKiB: 1_048_576, filesKiB: 4096, hasPrinted: true });
  });

  it.each([0, 19, 21])('do not take %i bytes for how a guest is', async (bytes) => {
    const { guest, channel } = connect();
    const asking = channel.vitals();
    guest.send(GuestFrame.reply, (await guest.receive()).id, Buffer.concat([u32(0), Buffer.alloc(bytes)]));
    await expect(asking).rejects.toMatchObject({ code: 'guest-protocol' });
  });

  it('wait their turn beyond 64', async () => {
    const { guest, channel } = connect();
    const pings = Array.from({ length: MAX_REQUESTS + 1 }, () => channel.ping());
    const asked: Frame[] = [];
    for (let i = 0; i < MAX_REQUESTS; i++) asked.push(await guest.receive());
    expect(guest.waiting).toEqual([]);
    guest.send(GuestFrame.reply, asked[0]?.id, u32(0));
    asked.push(await guest.receive());
    for (const { id } of asked.slice(1)) guest.send(GuestFrame.reply, id, u32(0));
    await Promise.all(pings);
  });

  it('take an answer that comes after an abort for what it is', async () => {
    const { guest, channel } = connect();
    const abort = new AbortController();
    const pinged = channel.ping({ signal: abort.signal });
    const { id } = await guest.receive();
    abort.abort();
    await expect(pinged).rejects.toMatchObject({ kind: 'cancelled' });
    guest.send(GuestFrame.reply, id, u32(0));
    await answerPing(guest, channel);
  });
});

describe('what the guest tells by itself', () => {
  it('uevents go to every listener, until it unsubscribes', async () => {
    const { guest, channel } = connect();
    const seen: (string | undefined)[] = [];
    const unsubscribe = channel.onUevent((event) => seen.push(event.get('SCXOPS')));
    guest.send(GuestFrame.uevent, 0, Buffer.from('ACTION=add\0SCXOPS=fifo\0'));
    await answerPing(guest, channel);
    unsubscribe();
    guest.send(GuestFrame.uevent, 0, Buffer.from('ACTION=remove\0SCXOPS=fifo\0'));
    await answerPing(guest, channel);
    expect(seen).toEqual(['fifo']);
  });

  it('notes from before the first listener are kept for it, safe to print', async () => {
    const { guest, channel } = connect();
    guest.send(GuestFrame.note, 0, Buffer.concat([u32(4), Buffer.from('no \x1b[31mcgroup2\0')]));
    await answerPing(guest, channel);
    const notes: unknown[] = [];
    channel.onNote((note) => notes.push(note));
    expect(notes).toEqual([{ level: 'warning', message: 'no ^[[31mcgroup2' }]);
  });
});

describe('the end', () => {
  it('rejects everything that waits with the first cause', async () => {
    const connection = connect();
    const { guest, channel } = connection;
    const { process } = await start(connection, { stdin: true });
    const waiting = [
      channel.ping(),
      process.exited,
      process.closed,
      process.write(Buffer.from('x')),
      text(process.stdout),
    ];
    await guest.receive();
    guest.send(0xee);
    guest.hangUp();
    for (const promise of waiting) await expect(promise).rejects.toMatchObject({ code: 'guest-protocol' });
    expect(await channel.closed).toMatchObject({ code: 'guest-protocol' });
    await expect(channel.ping()).rejects.toMatchObject({ code: 'guest-protocol' });
  });

  it('is no failure after a shutdown that was asked for', async () => {
    const { guest, channel } = connect();
    const down = channel.shutdown();
    guest.send(GuestFrame.reply, (await guest.receive()).id, u32(0));
    await down;
    guest.hangUp();
    expect(await channel.closed).toBeUndefined();
  });

  it('tells the rule that the guest says we broke', async () => {
    const { guest, channel } = connect();
    guest.send(GuestFrame.protocolError, 0, Buffer.from('an id is not 0\0'));
    expect(await channel.closed).toMatchObject({
      code: 'guest-rejected-host',
      message: expect.stringContaining('an id is not 0'),
    });
  });
});

describe('a rule the guest breaks ends the connection', () => {
  const started = (frames: (guest: FakeGuest, id: number) => void, options: Partial<ExecOptions> = {}) =>
    [frames, options] as const;
  it.each<[string, readonly [(guest: FakeGuest, id: number) => void, Partial<ExecOptions>]]>([
    ['a second HELLO', started((guest) => guest.hello())],
    ['an unknown type', started((guest) => guest.send(0x8f))],
    [
      'a frame for an id it was never given',
      started((guest, id) => guest.send(GuestFrame.stdout, id + 1, Buffer.from('x'))),
    ],
    ['a second STARTED', started((guest, id) => guest.send(GuestFrame.started, id, u32(1)))],
    [
      'FAILED after STARTED',
      started((guest, id) => guest.send(GuestFrame.failed, id, Buffer.from('\x01\0\0\0x\0'))),
    ],
    ['CLOSED before EXITED', started((guest, id) => guest.send(GuestFrame.closed, id))],
    ['an empty output frame', started((guest, id) => guest.send(GuestFrame.stdout, id))],
    [
      'a report nobody asked for',
      started((guest, id) => guest.send(GuestFrame.report, id, Buffer.from('x'))),
    ],
    [
      'stderr beside a terminal',
      started((guest, id) => guest.send(GuestFrame.stderr, id, Buffer.from('x')), {
        tty: { rows: 1, cols: 1 },
      }),
    ],
    [
      'credit for a stdin that is not there',
      started((guest, id) => guest.send(GuestFrame.stdinCredit, id, u32(1))),
    ],
    [
      'output beyond credit',
      started((guest, id) => guest.send(GuestFrame.stdout, id, Buffer.alloc(11)), { windowBytes: 10 }),
    ],
    ['an exit code over 255', started((guest, id) => guest.send(GuestFrame.exited, id, exitedPayload(256)))],
    ['a payload too short', started((guest, id) => guest.send(GuestFrame.exited, id, u32(1)))],
    [
      'a payload too long',
      started((guest, id) => guest.send(GuestFrame.stdinClosed, id, u32(1)), { stdin: true }),
    ],
    [
      'a string without its NUL',
      started((guest) => guest.send(GuestFrame.note, 0, Buffer.from('\x04\0\0\0open'))),
    ],
    ['a REPLY to nothing', started((guest) => guest.send(GuestFrame.reply, 999, u32(0)))],
    [
      'a uevent that is no pair',
      started((guest) => guest.send(GuestFrame.uevent, 0, Buffer.from('nonsense\0'))),
    ],
  ])('%s', async (_, [frames, options]) => {
    const connection = connect();
    const { process, id } = await start(connection, options);
    frames(connection.guest, id);
    expect(await connection.channel.closed).toMatchObject({ kind: 'guest', code: 'guest-protocol' });
    await expect(process.exited).rejects.toMatchObject({ code: 'guest-protocol' });
  });
});

async function answerPing(guest: FakeGuest, channel: GuestChannel): Promise<void> {
  const pinged = channel.ping();
  let frame = await guest.receive();
  while (frame.type !== HostFrame.ping) frame = await guest.receive();
  guest.send(GuestFrame.reply, frame.id, u32(0));
  await pinged;
}
