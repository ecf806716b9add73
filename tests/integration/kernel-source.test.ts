import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openEnvironment } from '../../src/build/environment/open-environment.ts';
import { parseSource } from '../../src/build/kernel-source/parse-source.ts';
import { resolveSource } from '../../src/build/kernel-source/resolve-source.ts';
import type { SourceContext } from '../../src/build/kernel-source/source.ts';
import { openStore } from '../../src/platform/store.ts';
import { hashFile } from '../../src/platform/store-key.ts';
import { temporaryDirectory } from '../support/devbox.ts';

const store = openStore();
const context: SourceContext = {
  emit: () => {},
  store,
  progress: () => {},
  environment: () => openEnvironment({ builder: 'embedded', emit: () => {}, store, offline: false }),
  offline: false,
};

it("obtains a kernel's source package, which apt has verified, and finds it again without the network", async () => {
  const spec = parseSource('debian:linux-source-6.12');
  const resolved = await resolveSource(spec, context);
  await using source = await resolved.obtain();
  expect(source.version).toMatch(/^6\.12\.\d+$/);
  expect(resolved.pin.version).toMatch(new RegExp(`^${source.version.replaceAll('.', '\\.')}-`));
  expect(source.epoch).toBeGreaterThan(1_700_000_000);
  for (const name of ['Kconfig', 'kernel/sched/ext.c', 'scripts/kconfig/merge_config.sh']) {
    expect(existsSync(join(source.dir, name)), name).toBe(true);
  }
  const environment = () => Promise.reject(new Error('nothing was to be fetched'));
  const again = await resolveSource(spec, { ...context, offline: true, environment });
  await using kept = await again.obtain();
  expect(kept.dir).toBe(source.dir);
});

it('unpacks an archive that only the build environment can decompress, and finds one cut short', async () => {
  using dir = temporaryDirectory();
  const archive = join(dir.path, 'linux.tar.bz2');
  const environment = await context.environment();
  await environment.run({
    argv: ['sh', '-euc', PACK],
    mounts: [{ host: dir.path, guest: '/mnt/out', mode: 'output' }],
    name: 'pack',
    title: 'Packing',
  });
  const obtain = async () => {
    const digest = await hashFile(archive);
    return (await resolveSource(parseSource(`${archive}#sha256=${digest}`), context)).obtain();
  };
  await using source = await obtain();
  expect(source.version).toBe('6.12.7');
  writeFileSync(archive, readFileSync(archive).subarray(0, -10));
  await expect(obtain()).rejects.toMatchObject({ code: 'tarball-damaged' });
});

const PACK = `
mkdir /tmp/linux
cd /tmp
printf 'VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 7\n' >linux/Makefile
touch linux/Kconfig
tar --create --bzip2 --file /mnt/out/linux.tar.bz2 linux
`;
