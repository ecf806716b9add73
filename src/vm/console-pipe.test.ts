import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openConsolePipe } from './console-pipe.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'devbox-console-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const { O_NONBLOCK, O_RDWR } = constants;

it('takes 60,000 single bytes while nobody reads, and loses none', async () => {
  using pipe = await openConsolePipe(join(dir, 'console'));
  const qemu = openSync(join(dir, 'console.out'), O_RDWR | O_NONBLOCK);
  const sent = Array.from({ length: 60_000 }, (_, index) => String(index % 10)).join('');
  for (const byte of sent) writeSync(qemu, byte);
  closeSync(qemu);
  expect(await text(pipe.output)).toBe(sent);
});

it('comes to its end when QEMU ended before it opened the pipe', async () => {
  using pipe = await openConsolePipe(join(dir, 'console'));
  const read = text(pipe.output);
  pipe.finish();
  expect(await read).toBe('');
  pipe.finish();
});

it('types keys', async () => {
  using pipe = await openConsolePipe(join(dir, 'console'));
  pipe.type('l');
  const qemu = openSync(join(dir, 'console.in'), O_RDWR | O_NONBLOCK);
  const key = Buffer.alloc(2);
  expect(readSync(qemu, key)).toBe(1);
  expect(key.toString('latin1', 0, 1)).toBe('l');
  closeSync(qemu);
});
