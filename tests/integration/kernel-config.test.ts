import { expect, it } from 'vitest';
import { devbox, temporaryDirectory } from '../support/devbox.ts';

it('a guest has its kernel’s configuration where libbpf looks for it', async () => {
  using dir = temporaryDirectory();
  const look = 'grep -x "CONFIG_SCHED_CLASS_EXT=y" "/boot/config-$(uname -r)"; head -c 7 /boot/config-*';
  const run = await devbox(['exec', '--no-share', '--', 'sh', '-c', look], { cwd: dir.path });
  expect(run.stdout).toBe('CONFIG_SCHED_CLASS_EXT=y\nCONFIG_');
});
