import { expect, test } from 'vitest';
import { containerOptions } from './container-options.ts';

const spec = {
  image: 'x',
  argv: ['make', '-j2'],
  env: { A: 'b' },
  cwd: '/mnt',
  user: '7:8',
  network: false,
  mounts: [],
};

test('a container has no rights that it does not need', () => {
  const { HostConfig: host, ...options } = containerOptions(spec);
  expect(options).toMatchObject({ User: '7:8', Cmd: ['make', '-j2'], Env: ['A=b'], NetworkDisabled: true });
  expect(host).toMatchObject({
    ...{ CapDrop: ['ALL'], ReadonlyRootfs: true, NetworkMode: 'none', Init: true },
    SecurityOpt: expect.arrayContaining(['no-new-privileges']),
  });
  expect(host).not.toHaveProperty('Memory');
});

test('limits are those that were asked for, and swap does not get round them', () => {
  const { HostConfig: host } = containerOptions({ ...spec, limits: { cpus: 1.5, memoryBytes: 2 ** 30 } });
  expect(host).toMatchObject({ NanoCpus: 1_500_000_000, Memory: 2 ** 30, MemorySwap: 2 ** 30 });
});

test('a source is mounted read-only', () => {
  const mount = { type: 'bind', source: '/s', target: '/mnt/s', readOnly: true } as const;
  const { HostConfig: host } = containerOptions({ ...spec, mounts: [mount] });
  expect(host?.Mounts).toMatchObject([{ Type: 'bind', Source: '/s', Target: '/mnt/s', ReadOnly: true }]);
});

test('where the engine has no init, a shell is one', () => {
  const { HostConfig: host, Cmd: command } = containerOptions({ ...spec, hasInit: false });
  expect(host?.Init).toBe(false);
  expect(command?.slice(0, 2)).toEqual(['sh', '-c']);
  expect(command?.slice(-2)).toEqual(['make', '-j2']);
});
