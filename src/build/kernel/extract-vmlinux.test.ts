import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Failure } from '../../core/failure.ts';
import { bufferSource } from './byte-source.ts';
import { readBzImageHeader } from './bzimage.ts';
import { craftBzImage, craftVmlinux, RELEASE } from './crafted-kernel.fixture.ts';
import { extractVmlinux, payloadFormat } from './extract-vmlinux.ts';
import { identifyKernel } from './identify.ts';

const noTool = () =>
  Promise.reject(new Failure({ kind: 'build', code: 'unpack-failed', message: 'no tool here' }));

async function extract(image: Buffer): Promise<Buffer> {
  const source = bufferSource('./bzImage', image);
  identifyKernel(source);
  return extractVmlinux(source, readBzImageHeader(source), noTool);
}

const vmlinux = craftVmlinux({ config: 'CONFIG_SMP=y\n' });

test.each(['gzip', 'zstd'] as const)('a %s bzImage gives its vmlinux back', async (format) => {
  const image = craftBzImage(vmlinux, { format });
  expect(readBzImageHeader(bufferSource('x', image)).release).toBe(RELEASE);
  expect(await extract(image)).toEqual(vmlinux);
});

describe('what is no kernel is called what it looks like:', () => {
  test.each([
    ['', 'an empty file'],
    ['#!/bin/sh\n', 'a script'],
    ['hello, world\n'.repeat(100), 'text'],
    ['!<arch>\ndebian-binary', 'an ar archive or a Debian package'],
    ['\x1f\x8b\x08\0', 'gzip-compressed data'],
    [`MZ${'\0'.repeat(1000)}`, 'a DOS or EFI program'],
    ['\0'.repeat(1000), 'nothing but zeros'],
    ['\x01\x02\x03', 'data of an unknown kind'],
  ])('%j', (content, looks) => {
    const source = bufferSource('./thing', Buffer.from(content, 'latin1'));
    expect(() => identifyKernel(source)).toThrow(`./thing is not a kernel: it is ${looks}.`);
  });
});

test('a kernel for another machine is named as such', async () => {
  const arm = Buffer.alloc(4096);
  arm.write('ARM\x64', 56, 'latin1');
  await expect(extract(arm)).rejects.toMatchObject({ kind: 'usage', code: 'kernel-wrong-architecture' });
  await expect(extract(craftBzImage(vmlinux, { xloadflags: 0 }))).rejects.toThrow(/32-bit x86/);
});

test('a file that ends before its header says so is cut short', async () => {
  const image = craftBzImage(vmlinux);
  for (const length of [0x210, 700, 1024, image.length - 17]) {
    await expect(extract(image.subarray(0, length))).rejects.toMatchObject({ code: 'kernel-truncated' });
  }
});

test('a payload that unpacks to more than it claims takes no more memory than that', async () => {
  const bomb = gzipSync(Buffer.alloc(64 * 2 ** 20));
  bomb.writeUInt32LE(4096, bomb.length - 4);
  await expect(extract(craftBzImage(vmlinux, { payload: bomb }))).rejects.toMatchObject({
    code: 'kernel-damaged',
  });
});

test('formats are known by their magic', () => {
  const formats = [
    '1f8b08',
    '28b52ffd',
    'fd377a585a00',
    '02214c18',
    '425a68',
    '894c5a4f00',
    '5d0000',
    '00112233',
  ];
  expect(formats.map((hex) => payloadFormat(Buffer.from(hex, 'hex')))).toEqual([
    'gzip',
    'zstd',
    'xz',
    'lz4',
    'bzip2',
    'lzo',
    'lzma',
    undefined,
  ]);
});

test('whatever is changed in an image, the worst is a Failure', async () => {
  const images = [craftBzImage(vmlinux), craftBzImage(vmlinux, { format: 'zstd' })];
  const change = fc.tuple(fc.nat(images[0]?.length ?? 0), fc.integer({ min: 0, max: 255 }));
  const header = fc.tuple(fc.integer({ min: 0x1f1, max: 0x268 }), fc.integer({ min: 0, max: 255 }));
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...images),
      fc.array(fc.oneof(change, header), { minLength: 1, maxLength: 6 }),
      fc.option(fc.nat(2000), { nil: undefined }),
      async (image, changes, cut) => {
        const mutated = Buffer.from(image.subarray(0, cut === undefined ? undefined : image.length - cut));
        for (const [at, value] of changes) if (at < mutated.length) mutated[at] = value;
        const result = await extract(mutated).catch((error: unknown) => error);
        expect(result instanceof Buffer || result instanceof Failure).toBe(true);
        if (result instanceof Failure) expect(result.kind).toBe('usage');
      },
    ),
    { numRuns: 500 },
  );
});
