import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hostEnvironment } from './host-environment.fixture.ts';
import { type SourceRig, sourceRig, TINY_KERNEL } from './source-context.fixture.ts';
import { type CraftedMember, craftTar, kernelTar, sha256Of, tarballAt } from './tarball.fixture.ts';
import { resolveTarball } from './tarball-source.ts';
import { unpackTarball } from './unpack-tarball.ts';

let rig: SourceRig;
beforeEach(() => {
  rig = sourceRig({ environment: async () => hostEnvironment() });
});
afterEach(() => rig[Symbol.dispose]());

type Spec = Parameters<typeof resolveTarball>[0];

async function obtain(spec: Spec, context = {}) {
  const resolved = await resolveTarball(spec, { ...rig.context, ...context });
  return resolved.obtain();
}

const unpack = (members: readonly CraftedMember[]) =>
  obtain(tarballAt(join(rig.dir, 'k.tar'), kernelTar(members)));

/** Nothing of a tree that was refused may be left, nor taken for one later. */
function expectNothingStored(): void {
  const kind = join(rig.dir, 'cache/store/kernel-source');
  expect(existsSync(kind) ? readdirSync(kind) : []).toEqual([]);
}

describe('an archive', () => {
  it.each([
    ['tar', (data: Buffer) => data],
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
    ['xz', (data: Buffer) => execFileSync('xz', ['-c'], { input: data })],
  ])(
    'of %s is unpacked without its top directory, and its newest member tells the time',
    async (_name, compress) => {
      const source = await obtain(tarballAt(join(rig.dir, 'any-name'), compress(kernelTar())));
      expect(readdirSync(source.dir).sort()).toEqual(['.gitignore', 'Kconfig', 'Makefile', 'kernel']);
      expect(readFileSync(join(source.dir, 'kernel/fork.c'), 'utf8')).toBe(TINY_KERNEL['kernel/fork.c']);
      expect(source).toMatchObject({ version: '6.12.7', epoch: 1_700_000_000, incremental: false });
    },
  );

  it('is found again without a look at the file', async () => {
    const spec = tarballAt(join(rig.dir, 'k.tar'), kernelTar());
    const { dir } = await obtain(spec);
    const elsewhere = await obtain({ ...spec, location: '/nowhere/k.tar' });
    expect(elsewhere.dir).toBe(dir);
  });

  it('keeps links among its members, and who may run what, but not who owns it', async () => {
    const { dir } = await unpack([
      { path: 'linux-6.12/a/b/up', type: 'SymbolicLink', linkpath: '../../Makefile' },
      { path: './linux-6.12/run', text: '#!/bin/sh\n', mode: 0o555 },
      { path: 'linux-6.12/again', type: 'Link', linkpath: 'linux-6.12/run' },
    ]);
    expect(readlinkSync(join(dir, 'a/b/up'))).toBe('../../Makefile');
    expect(statSync(join(dir, 'run')).mode & 0o777).toBe(0o555);
    expect(statSync(join(dir, 'again')).ino).toBe(statSync(join(dir, 'run')).ino);
    expect(statSync(join(dir, 'run')).uid).toBe(process.getuid?.());
  });
});

describe('a member that would have an effect outside', () => {
  const link = (path: string, linkpath: string, type: 'SymbolicLink' | 'Link' = 'SymbolicLink') => [
    { path: `linux-6.12/${path}`, type, linkpath },
  ];
  it.each<[string, readonly CraftedMember[], RegExp]>([
    ['a path that climbs', [{ path: 'linux-6.12/../../evil', text: 'x' }], /has "\.\." in its path/],
    ['an absolute path', [{ path: '/tmp/devbox-evil', text: 'x' }], /has an absolute path/],
    ['a link to an absolute path', link('evil', '/etc/passwd'), /is a link to "\/etc\/passwd", outside/],
    ['a link that climbs too far', link('kernel/evil', '../../evil'), /outside/],
    ['a link to beside the top', link('evil', '../linux-6.12/Makefile'), /outside/],
    ['a link that climbs after it has gone down', link('evil', 'kernel/../../x'), /outside/],
    ['a link to nothing', link('evil', ''), /linkpath required/],
    ['a hard link to outside', link('evil', '/etc/passwd', 'Link'), /hard link to "\/etc\/passwd"/],
    [
      'a hard link to what comes later',
      link('evil', 'linux-6.12/later', 'Link'),
      /no file of the archive before it/,
    ],
    [
      'a hard link to a link',
      [...link('l', 'kernel'), ...link('evil', 'linux-6.12/l', 'Link')],
      /"linux-6\.12\/evil" is a hard link/,
    ],
    [
      'a way through a link',
      [...link('l', 'kernel'), { path: 'linux-6.12/l/evil' }],
      /lies below "linux-6\.12\/l"/,
    ],
    ['a second coming', [...link('l', 'kernel'), { path: 'linux-6.12/l', text: 'x' }], /comes twice/],
    ['a device', [{ path: 'linux-6.12/null', type: 'CharacterDevice' }], /is a CharacterDevice/],
    ['a pipe', [{ path: 'linux-6.12/pipe', type: 'FIFO' }], /is a FIFO/],
    [
      'a file that nobody may read',
      [{ path: 'linux-6.12/shut', text: 'x', mode: 0o044 }],
      /could not be read/,
    ],
    ['a set-user-id bit', [{ path: 'linux-6.12/su', text: 'x', mode: 0o4755 }], /set-user-id/],
    ['a second directory at the top', [{ path: 'other/file', text: 'x' }], /lies beside "linux-6\.12"/],
  ])('%s is refused and named, and nothing is kept', async (_name, members, says) => {
    const failing = unpack(members);
    await expect(failing).rejects.toMatchObject({ kind: 'build' });
    await expect(failing).rejects.toThrow(says);
    expect(existsSync('/tmp/devbox-evil')).toBe(false);
    expect(existsSync(join(rig.dir, 'evil'))).toBe(false);
    expectNothingStored();
  });
});

describe('an archive that is not what it should be', () => {
  it('has another digest: both are named, and nothing is unpacked', async () => {
    const spec = tarballAt(join(rig.dir, 'k.tar'), kernelTar());
    writeFileSync(spec.location, kernelTar([{ path: '/tmp/devbox-evil', text: 'x' }]));
    const failing = obtain(spec);
    await expect(failing).rejects.toMatchObject({
      code: 'digest-mismatch',
      evidence: [`given  ${spec.sha256}`, expect.stringContaining(sha256Of(readFileSync(spec.location)))],
    });
    expectNothingStored();
  });

  it.each([
    ['is cut short', gzipSync(kernelTar()).subarray(0, -20), 'tarball-damaged'],
    ['is cut short inside', kernelTar().subarray(0, 1100), 'tarball-damaged'],
    ['is no archive', Buffer.from('hello, I am text'), 'not-a-tarball'],
    ['is empty', Buffer.alloc(0), 'not-a-tarball'],
    ['is no kernel', craftTar([{ path: 'x/readme', text: 'hello' }]), 'not-a-kernel'],
    ['has no directory', craftTar([{ path: 'Makefile', text: 'VERSION = 6\n' }]), 'tarball-unsafe'],
  ])('%s', async (_name, data, code) => {
    const failing = obtain(tarballAt(join(rig.dir, 'k.tar'), data));
    await expect(failing).rejects.toMatchObject({ code });
    expectNothingStored();
  });

  it('is a bomb of members or of bytes', async () => {
    const bomb = craftTar([{ path: 'top/zeros', text: '0'.repeat(2 ** 20) }]);
    const { location } = tarballAt(join(rig.dir, 'bomb.gz'), gzipSync(bomb));
    const options = { file: location, format: 'gzip', dir: join(rig.dir, 'tree'), what: 'bomb.gz' } as const;
    const limited = (limits: { members: number; bytes: number }) => unpackTarball({ ...options, limits });
    await expect(limited({ members: 9, bytes: 2 ** 19 })).rejects.toThrow(/more than 512/);
    await expect(limited({ members: 0, bytes: 2 ** 21 })).rejects.toThrow(/more than 0 members/);
    // Data that no header speaks of.
    const small = craftTar([{ path: 'top/file', text: 'x' }]);
    const endless = tarballAt(join(rig.dir, 'z.gz'), gzipSync(Buffer.concat([small, Buffer.alloc(2 ** 22)])));
    const unpacking = unpackTarball({
      ...options,
      file: endless.location,
      limits: { members: 9, bytes: 2 ** 20 },
    });
    await expect(unpacking).rejects.toThrow(/comes to more than 2\.0 MiB/);
  });

  it.each([
    { location: 'relative/k.tar', sha256: 'a'.repeat(64) },
    { location: 'ftp://host/k.tar', sha256: 'a'.repeat(64) },
    { location: 'https:///k.tar', sha256: 'a'.repeat(64) },
    { location: '/k.tar', sha256: 'abc' },
  ])('is asked for in a way that cannot be: %o', async (spec) => {
    await expect(obtain({ kind: 'tarball', ...spec })).rejects.toMatchObject({
      kind: 'usage',
      code: 'bad-source',
    });
  });

  it('is not there', async () => {
    const spec = { kind: 'tarball', location: '/nowhere/k.tar', sha256: 'a'.repeat(64) } as const;
    await expect(obtain(spec)).rejects.toMatchObject({ kind: 'usage', code: 'no-such-source' });
  });
});

describe('a download', () => {
  let server: Server | undefined;
  afterEach(() => server?.close());
  async function serve(listener: RequestListener): Promise<string> {
    server = createServer(listener).listen(0, '127.0.0.1');
    await new Promise((resolve) => server?.once('listening', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
  const data = gzipSync(kernelTar());
  const spec = (location: string) => ({ kind: 'tarball', location, sha256: sha256Of(data) }) as const;

  it('is verified and unpacked, through redirections', async () => {
    const url = await serve((request, response) => {
      if (request.url === '/k.tar.gz') response.writeHead(302, { location: '/real' }).end();
      else response.end(data);
    });
    await expect(obtain(spec(`${url}/k.tar.gz`))).resolves.toMatchObject({ version: '6.12.7' });
  });

  it('that ends too early is found', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': data.length });
      response.write(data.subarray(0, 100), () => response.destroy());
    });
    await expect(obtain(spec(`${url}/k.tar.gz`))).rejects.toMatchObject({ code: 'download-failed' });
    expectNothingStored();
  });

  it('that the server refuses, or sends in circles, is a failure with its answer', async () => {
    const url = await serve((request, response) => {
      if (request.url === '/circle') response.writeHead(302, { location: '/circle' }).end();
      else response.writeHead(404).end();
    });
    await expect(obtain(spec(`${url}/k`))).rejects.toThrow(/the server answered 404 Not Found/);
    await expect(obtain(spec(`${url}/circle`))).rejects.toThrow(/the server answered 302/);
  });

  it('is refused offline, and said to be', async () => {
    const failing = obtain(spec('https://example.org/k.tar.gz'), { offline: true });
    await expect(failing).rejects.toMatchObject({ code: 'offline' });
    await expect(failing).rejects.toThrow('https://example.org/k.tar.gz is not here');
  });

  it('ends when it is aborted', async () => {
    const controller = new AbortController();
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': data.length });
      response.write(data.subarray(0, 10), () => controller.abort());
    });
    const failing = obtain(spec(`${url}/k.tar.gz`), { signal: controller.signal });
    await expect(failing).rejects.toMatchObject({ kind: 'cancelled' });
    expectNothingStored();
  });
});
