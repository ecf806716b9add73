import { expect, test, vi } from 'vitest';
import { bubblewrapArgs } from './bubblewrap-args.ts';
import type { RootCommand } from './root-command.ts';
import { unshareArgs } from './unshare-args.ts';

const command: RootCommand = {
  argv: ['make', "it's"],
  binds: [
    { host: '/etc', guest: '/mnt/my etc', readOnly: true },
    { host: '/tmp', guest: '/mnt/out', readOnly: false },
  ],
  cwd: '/mnt/out',
  env: { CC: 'gcc' },
};

const joined = (args: readonly string[]) => args.join(' ');

test('bubblewrap gives a read-only root, fresh scratch, the binds and nothing else', () => {
  const args = joined(bubblewrapArgs('/root', command, 1000));
  expect(args).toContain('--ro-bind /root / --proc /proc --dev /dev --tmpfs /tmp --tmpfs /run --tmpfs /mnt');
  expect(args).toContain('--ro-bind /etc /mnt/my etc --bind /tmp /mnt/out');
  expect(args).toContain('--unshare-net');
  expect(args).toContain('--unshare-user --uid 0 --gid 0 --cap-add ALL');
  expect(args).toContain('--clearenv');
  expect(args).toContain('--setenv CC gcc');
  expect(args.endsWith("--chdir /mnt/out -- make it's")).toBe(true);
});

test('with network a command gets names and proxies, else neither', () => {
  vi.stubEnv('http_proxy', 'proxy:3128');
  const args = joined(bubblewrapArgs('/root', { argv: ['apt-get'], network: true }, 1000));
  expect(args).not.toContain('--unshare-net');
  expect(args).toContain('--ro-bind /etc/resolv.conf /etc/resolv.conf');
  expect(args).toContain('--setenv http_proxy proxy:3128');
  expect(joined(bubblewrapArgs('/root', { argv: ['apt-get'] }, 1000))).not.toContain('3128');
  vi.unstubAllEnvs();
});

test('only root can keep its own identity', () => {
  const own = { ...command, asInvoker: true };
  expect(bubblewrapArgs('/root', own, 0)).not.toContain('--unshare-user');
  expect(bubblewrapArgs('/root', own, 1000)).toContain('--unshare-user');
});

test('the fallback does the same with mounts of its own, and quotes what a shell would take apart', () => {
  const args = unshareArgs('/a root', command, 1000);
  const script = args.at(-1) ?? '';
  expect(args).toContain('--map-root-user');
  expect(args).toContain('--net');
  expect(script).toContain(
    "mount --bind /etc '/a root/mnt/my etc'\nmount -o remount,bind,ro '/a root/mnt/my etc'",
  );
  expect(script).toContain("mount --bind /tmp '/a root/mnt/out'");
  expect(script).toMatch(/exec chroot '\/a root' \/usr\/bin\/env -i .*CC=gcc .* \/mnt\/out make 'it'\\''s'$/);
  expect(unshareArgs('/root', { ...command, network: true }, 0)).not.toContain('--net');
});

test('the fallback confines even root, or refuses', () => {
  expect(unshareArgs('/root', command, 0)).not.toContain('--user');
  expect(unshareArgs('/root', { ...command, confined: true }, 0)).toContain('--user');
  const own = { ...command, confined: true, asInvoker: true };
  expect(() => unshareArgs('/root', own, 0)).toThrow(expect.objectContaining({ code: 'share-not-confined' }));
  expect(unshareArgs('/root', own, 1000)).toContain('--user');
});
