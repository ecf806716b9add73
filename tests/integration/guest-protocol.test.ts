import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectGuestChannel } from '../../src/vm/channel/connect-guest-channel.ts';
import { encodeFrame, GuestFrame, HostFrame, MAX_EXECS } from '../../src/vm/channel/frame.ts';
import { FrameDecoder } from '../../src/vm/channel/frame-decoder.ts';
import type { GuestChannel } from '../../src/vm/channel/guest-channel.ts';
import type { GuestProcess } from '../../src/vm/channel/guest-process.ts';
import { type BuiltGuest, buildGuest, type HostedGuest, serveGuest } from '../support/hosted-guest.ts';

// PID 1 in hosted mode: the real frame parser and exec engine, without a machine around them.

let guest: BuiltGuest;
beforeAll(async () => {
  guest = await buildGuest();
});
afterAll(() => guest[Symbol.asyncDispose]());

async function serve(): Promise<HostedGuest & { channel: GuestChannel }> {
  const hosted = await serveGuest(guest);
  return { ...hosted, channel: connectGuestChannel(hosted.socket) };
}

async function bytes(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function text(stream: AsyncIterable<Uint8Array>): Promise<string> {
  return (await bytes(stream)).toString();
}

const shell = (script: string, ...args: string[]) => ({ argv: ['sh', '-c', script, 'sh', ...args] });

/** Waits for a text behind the one that was waited for before; the rest of the stream goes on being read. */
function follow(process: GuestProcess): (wanted: string) => Promise<void> {
  let unread = '';
  let wake = Promise.withResolvers<void>();
  const reading = (async () => {
    for await (const chunk of process.stdout) {
      unread += Buffer.from(chunk).toString();
      wake.resolve();
      wake = Promise.withResolvers();
    }
  })();
  return async (wanted) => {
    while (!unread.includes(wanted)) {
      const ended = reading.then(() => Promise.reject(new Error(`ended without it: ${unread}`)));
      await Promise.race([wake.promise, ended]);
    }
    unread = unread.slice(unread.indexOf(wanted) + wanted.length);
  };
}

describe('an exec', () => {
  it('has its streams apart, its exit code and its CPU time', async () => {
    await using served = await serve();
    const process = await served.channel.exec({
      ...shell('echo out; echo err >&2; echo "{}" >&3; exit 7'),
      report: true,
    });
    expect(await Promise.all([text(process.stdout), text(process.stderr), text(process.report)])).toEqual([
      'out\n',
      'err\n',
      '{}\n',
    ]);
    expect(await process.exited).toMatchObject({ code: 7, userUs: expect.any(Number) });
    await process.closed;
  });

  it('ends by the signal it is sent', async () => {
    await using served = await serve();
    const process = await served.channel.exec({ argv: ['sleep', '1000'] });
    await process.signal('SIGTERM');
    expect(await process.exited).toMatchObject({ signal: 'SIGTERM' });
  });

  it('gets binary input whole, however large, and its end', async () => {
    await using served = await serve();
    const input = Buffer.from(Array.from({ length: 3_000_001 }, (_, i) => (i * 7919) & 0xff));
    const process = await served.channel.exec({ argv: ['cat'], stdin: true });
    const output = bytes(process.stdout);
    await process.write(input);
    await process.endStdin();
    expect((await output).equals(input)).toBe(true);
    expect(await process.exited).toMatchObject({ code: 0 });
  });

  it('sends 200 MB whole and in order', async () => {
    await using served = await serve();
    const process = await served.channel.exec(shell('seq 1 25000000 | head -c 200000000'));
    let expected = 1;
    let rest = '';
    let total = 0;
    for await (const chunk of process.stdout) {
      total += chunk.length;
      const lines = (rest + Buffer.from(chunk).toString('latin1')).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines)
        if (line !== String(expected++)) throw new Error(`${line} where ${expected - 1} should be`);
    }
    expect(total).toBe(200_000_000);
  });

  it('has /dev/null for stdin, the given environment and defaults for the rest', async () => {
    await using served = await serve();
    const process = await served.channel.exec({
      argv: ['env'],
      env: { TERM: 'vt100', EMPTY: '' },
      cwd: '/tmp',
    });
    const lines = (await text(process.stdout)).trim().split('\n');
    expect(lines.toSorted()).toEqual([
      'EMPTY=',
      'HOME=/root',
      'LANG=C.UTF-8',
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      'TERM=vt100',
      'USER=root',
    ]);
    const reader = await served.channel.exec({ argv: ['cat'] });
    expect(await text(reader.stdout)).toBe('');
  });

  it('is looked for along the PATH it was given', async () => {
    await using served = await serve();
    await writeFile(join(guest.dir, 'only-here'), '#!/bin/sh\necho found\n', { mode: 0o755 });
    const process = await served.channel.exec({ argv: ['only-here'], env: { PATH: guest.dir } });
    expect(await text(process.stdout)).toBe('found\n');
    await expect(served.channel.exec({ argv: ['ls'], env: { PATH: guest.dir } })).rejects.toMatchObject({
      errno: 'ENOENT',
    });
  });

  it('starts with nothing ignored or blocked, in a session of its own, and no stray descriptor', async () => {
    await using served = await serve();
    const process = await served.channel.exec(
      shell(
        'grep -E "Sig(Blk|Ign)" /proc/self/status; cut -d" " -f6 /proc/$$/stat; echo $$; ls /proc/self/fd | wc -l',
      ),
    );
    const [blocked, ignored, session, pid, descriptors] = (await text(process.stdout)).trim().split('\n');
    expect([blocked, ignored]).toEqual(['SigBlk:\t0000000000000000', 'SigIgn:\t0000000000000000']);
    expect(session).toBe(pid);
    expect(descriptors).toBe('4'); // 0, 1, 2 and the directory itself.
  });

  it.each([
    ['there is no such program', { argv: ['/nonsense'] }, 'ENOENT', 'The guest could not start /nonsense: '],
    [
      'it may not be executed',
      { argv: ['/etc/passwd'] },
      'EACCES',
      'The guest could not start /etc/passwd: ',
    ],
    [
      'its directory does not exist',
      { argv: ['true'], cwd: '/nowhere' },
      'ENOENT',
      'The guest could not start true (chdir): ',
    ],
  ])('says why when %s', async (_, options, errno, message) => {
    await using served = await serve();
    const failure = served.channel.exec(options);
    await expect(failure).rejects.toMatchObject({ errno, message: expect.stringContaining(message) });
  });

  it('takes what does not fit one frame', async () => {
    await using served = await serve();
    const env = { LARGE: 'x'.repeat(100_000) };
    const process = await served.channel.exec({
      ...shell('printenv LARGE | wc -c; printf %s "$1" | wc -c', 'y'.repeat(120_000)),
      env,
    });
    expect(await text(process.stdout)).toBe('100001\n120000\n');
  });

  it('leaves nothing of its process group behind, unless that was asked for', async () => {
    await using served = await serve();
    const leaving = shell('sleep 1000 & echo $!');
    const tidy = await served.channel.exec(leaving);
    const gone = Number(await text(tidy.stdout));
    await tidy.closed;
    while (await isRunning(gone)) await new Promise(setImmediate); // Killed it is, but perhaps not yet gone.
    const keeping = await served.channel.exec({
      ...shell('sleep 1000 >/dev/null 2>&1 & echo $!'),
      keepLeftovers: true,
    });
    const kept = Number(await text(keeping.stdout));
    await keeping.closed;
    expect(kept).toBeGreaterThan(1);
    expect(await isRunning(kept)).toBe(true);
    process.kill(kept, 'SIGKILL');
  });

  it('tells when the process closes its stdin', async () => {
    await using served = await serve();
    const process = await served.channel.exec({
      ...shell('exec 0<&-; echo closed; sleep 1000'),
      stdin: true,
    });
    await follow(process)('closed');
    const endless = async () => {
      for (;;) await process.write(Buffer.alloc(100_000));
    };
    await expect(endless()).rejects.toMatchObject({ code: 'guest-stdin-closed' });
    await process.signal('SIGKILL');
    await process.closed;
  });
});

describe('a terminal', () => {
  it('has the size it was given, and the one it is given later', async () => {
    await using served = await serve();
    const process = await served.channel.exec({
      ...shell('stty size; read line; stty size'),
      tty: { rows: 33, cols: 99 },
    });
    const until = follow(process);
    await until('33 99');
    await process.resize(40, 120);
    await process.write(Buffer.from('\n'));
    await until('40 120');
    await process.closed;
  });

  it('turns Ctrl-C into an interrupt of the foreground job', async () => {
    await using served = await serve();
    const process = await served.channel.exec({
      argv: ['bash', '--norc', '-i'],
      env: { PS1: 'ready> ' },
      tty: { rows: 24, cols: 80 },
    });
    const until = follow(process);
    await until('ready> ');
    await process.write(Buffer.from('sh -c "echo up; exec cat"\n'));
    await until('up\r\n');
    await process.write(Buffer.from('echoed\n'));
    await until('echoed\r\nechoed\r\n');
    await process.write(Buffer.from('\x03'));
    await until('^C');
    await until('ready> '); // What is typed ahead of the prompt is lost with the interrupt.
    await process.write(Buffer.from('echo status $?\n'));
    await until('status 130');
    await process.write(Buffer.from('exit 3\n'));
    expect(await process.exited).toMatchObject({ code: 3 });
    await process.closed;
  });

  it('sends all that was written before the process ended', async () => {
    await using served = await serve();
    const process = await served.channel.exec({
      ...shell('stty -onlcr; seq 100000'),
      tty: { rows: 1, cols: 1 },
    });
    const output = await text(process.stdout);
    expect(output.split('\n').length).toBe(100_001);
    expect(output.endsWith('\n100000\n')).toBe(true);
  });
});

describe('many things at once', () => {
  it('64 execs do not mix up their streams', async () => {
    await using served = await serve();
    const run = async (i: number) => {
      const process = await served.channel.exec({
        ...shell('head -c 200000 /dev/zero; echo $1 >&2; cat; exit $1', String(i)),
        stdin: true,
      });
      const reading = Promise.all([bytes(process.stdout), text(process.stderr)]);
      await process.write(Buffer.from(`input ${i}`));
      await process.endStdin();
      const [out, err] = await reading;
      return {
        i,
        size: out.length,
        tail: out.subarray(200_000).toString(),
        err,
        code: (await process.exited).code,
      };
    };
    const results = await Promise.all(Array.from({ length: MAX_EXECS }, (_, i) => run(i)));
    for (const { i, ...result } of results) {
      const tail = `input ${i}`;
      expect(result).toEqual({ size: 200_000 + tail.length, tail, err: `${i}\n`, code: i });
    }
  });

  it('streams that nobody reads stop neither requests nor other execs, and cost no memory', async () => {
    await using served = await serve();
    const { channel } = served;
    const stuck = await Promise.all(
      Array.from({ length: 10 }, () => channel.exec(shell('yes & exec yes >&2'))),
    );
    const quick = await channel.exec({ argv: ['echo', 'through'] });
    expect(await text(quick.stdout)).toBe('through\n');
    await channel.ping();
    expect(await highWaterMarkKiB(served)).toBeLessThan(16 * 1024);
    for (const process of stuck) {
      await process.signal('SIGKILL');
      process.stdout.discard();
      process.stderr.discard();
    }
    await Promise.all(stuck.map(({ closed }) => closed));
  });

  it('a process that does not read its stdin stops only its own writer', async () => {
    await using served = await serve();
    const stuck = await served.channel.exec({ argv: ['sleep', '1000'], stdin: true });
    const writing = stuck.write(Buffer.alloc(10_000_000)).catch((error: unknown) => error);
    const quick = await served.channel.exec({ argv: ['cat'], stdin: true });
    await quick.write(Buffer.from('through'));
    await quick.endStdin();
    expect(await text(quick.stdout)).toBe('through');
    await stuck.signal('SIGKILL');
    expect(await writing).toMatchObject({ code: 'guest-stdin-closed' });
  });

  it('a request that hangs holds up no other', async () => {
    await using served = await serve();
    const made = await served.channel.exec({ argv: ['mkfifo', join(guest.dir, 'fifo')] });
    await made.closed;
    const hanging = served.channel.writeFile(join(guest.dir, 'fifo'), 'x').catch((error: unknown) => error);
    await served.channel.ping();
    expect(Buffer.from(await served.channel.readFile('/proc/version')).toString()).toMatch(/^Linux/);
    await served.channel.shutdown();
    await hanging;
  });
});

describe('requests', () => {
  it('write and read a file, and cut it at 32,000 bytes', async () => {
    await using served = await serve();
    const path = join(guest.dir, 'file');
    await served.channel.writeFile(path, Buffer.from([0, 1, 2, 255]));
    expect([...(await served.channel.readFile(path))]).toEqual([0, 1, 2, 255]);
    await writeFile(path, Buffer.alloc(40_000));
    expect((await served.channel.readFile(path)).length).toBe(32_000);
    await expect(served.channel.readFile('/nowhere')).rejects.toMatchObject({ errno: 'ENOENT' });
  });

  it('never change the machine in hosted mode', async () => {
    await using served = await serve();
    await expect(served.channel.syncClock(0n)).rejects.toMatchObject({ errno: 'EPERM' });
    const mount = { source: 'none', target: join(guest.dir, 'mnt'), fstype: 'tmpfs' };
    await expect(served.channel.mount(mount)).rejects.toMatchObject({ errno: 'EPERM' });
  });

  it('a resume is answered by a hello that carries its id', async () => {
    await using hosted = await serveGuest(guest);
    const hellos: number[] = [];
    const decoder = new FrameDecoder();
    const second = new Promise<void>((resolve) => {
      hosted.socket.on('data', (chunk: Buffer) =>
        decoder.push(chunk, ({ type, id }) => {
          if (type === GuestFrame.hello) hellos.push(id);
          if (hellos.length === 2) resolve();
        }),
      );
    });
    hosted.socket.write(encodeFrame(HostFrame.resume, 7, Buffer.alloc(8 + 64)));
    await second;
    expect(hellos).toEqual([0, 7]);
  });

  it('shutdown ends every process, and then the guest', async () => {
    await using served = await serve();
    const running = await served.channel.exec({ argv: ['sleep', '1000'] });
    await served.channel.shutdown();
    expect(await served.exited).toEqual({ code: 0, signal: null });
    expect(await served.channel.closed).toBeUndefined();
    expect(await isRunning(running.pid)).toBe(false);
  });

  it('a host that hangs up ends the guest and its processes', async () => {
    await using served = await serve();
    const running = await served.channel.exec({ argv: ['sleep', '1000'] });
    served.socket.destroy();
    expect(await served.exited).toEqual({ code: 0, signal: null });
    expect(await isRunning(running.pid)).toBe(false);
  });
});

async function highWaterMarkKiB({ child }: HostedGuest): Promise<number> {
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]);
}

/** Not even waiting to be reaped counts. */
async function isRunning(pid: number): Promise<boolean> {
  expect(pid).toBeGreaterThan(1);
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') X');
  return !/\) [ZX]/.test(stat);
}
