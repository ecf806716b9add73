import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openStore } from '../../platform/store.ts';
import { commandOwner, outOfMemory } from './docker-environment.ts';
import { limitArgs } from './embedded-environment.ts';
import { findToolchain } from './find-toolchain.ts';
import { openEnvironment } from './open-environment.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'devbox-environment-'));
  vi.stubEnv('DEVBOX_CACHE', dir);
  vi.stubEnv('DOCKER_HOST', `unix://${dir}/none.sock`);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(dir, { recursive: true });
});

const options = (more: object) => {
  const emit = vi.fn();
  return { builder: 'auto' as const, emit, store: openStore(), offline: true, ...more };
};

test('Docker that was asked for and does not answer is an error that says where it was looked for', async () => {
  const opening = openEnvironment(options({ builder: 'docker' }));
  await expect(opening).rejects.toMatchObject({
    code: 'docker-not-reachable',
    evidence: [`unix://${dir}/none.sock (DOCKER_HOST): no such socket`],
  });
});

test('an image needs Docker', async () => {
  const embedded = openEnvironment(options({ builder: 'embedded', image: '/some/image' }));
  await expect(embedded).rejects.toMatchObject({ kind: 'usage', code: 'image-needs-docker' });
  await expect(findToolchain(options({ builder: 'embedded', image: '/some/image' }))).rejects.toThrow(
    '/some/image',
  );
  await expect(openEnvironment(options({ image: '/some/image' }))).rejects.toMatchObject({
    code: 'docker-not-reachable',
  });
});

test('without a daemon it is the embedded root, and it is said why', async () => {
  const auto = options({});
  await expect(openEnvironment(auto)).rejects.toMatchObject({ code: 'offline' });
  expect(auto.emit).toHaveBeenCalledWith(
    expect.objectContaining({
      type: 'notice',
      level: 'warning',
      message: expect.stringContaining('none.sock'),
    }),
  );
});

test('the toolchain of what is not there yet is not known', async () => {
  expect(await findToolchain(options({}))).toBeUndefined();
});

test('a pinned root that is not the one of today is refused', async () => {
  const opening = openEnvironment(options({ builder: 'embedded', frozenImage: 'f00' }));
  await expect(opening).rejects.toMatchObject({ code: 'image-moved' });
});

test('nobody is root inside a container, and what others leave is theirs', () => {
  expect(commandOwner({ uid: 0, gid: 0 }).uid).toBeGreaterThan(0);
  expect(commandOwner({ uid: 1000, gid: 100 })).toEqual({ uid: 1000, gid: 100 });
});

test('the embedded root holds a command to fewer processors and to memory by its own programs', () => {
  expect(limitArgs(undefined, [0, 1, 2])).toEqual([]);
  expect(limitArgs({ cpus: 3 }, [0, 1, 2])).toEqual([]);
  expect(limitArgs({ cpus: 1.5, memoryBytes: 1024 }, [0, 4, 5])).toEqual([
    ...['taskset', '--cpu-list', '0,4'],
    ...['prlimit', '--data=1024', '--'],
  ]);
});

test('lack of memory is told with the limit and what to give', () => {
  const command = { argv: [], mounts: [], name: 'x', title: 'Building', limits: { memoryBytes: 2 ** 29 } };
  expect(outOfMemory(command, '/log', [])).toMatchObject({
    code: 'out-of-memory',
    message: expect.stringContaining('its limit of 512 MiB'),
    hint: expect.stringContaining('1.0 GiB'),
  });
  const { limits: _limits, ...unlimited } = command;
  expect(outOfMemory(unlimited, '/log', []).message).toMatch(/the machine's/);
});
