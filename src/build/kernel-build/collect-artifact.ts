import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Made } from '../../platform/store.ts';
import { writeBootModules } from '../kernel/boot-modules.ts';
import type { Decompress } from '../kernel/extract-vmlinux.ts';
import { FILES, inspectKernel } from '../kernel/kernel-entry.ts';
import { planBootModules, readModuleIndex } from '../kernel/modules.ts';
import type { CompileOptions } from './compile.ts';
import type { CompileCache } from './compile-cache.ts';
import { buildEnvironmentVariables, makeWords, PLACES } from './make-words.ts';

/** BTF stays in vmlinux, debugging information does not: it is most of a gigabyte, and no one boots it. */
const collectScript = ({ open }: CompileCache) => `
${open}
cd ${PLACES.build}
cp arch/x86/boot/bzImage System.map ${PLACES.out}/
cp .config ${PLACES.out}/config
objcopy --strip-debug vmlinux ${PLACES.out}/vmlinux
mkdir -p ${PLACES.out}/headers
rsync --recursive --links --prune-empty-dirs --include='*/' --include='*.h' --exclude='*' usr/include ${PLACES.out}/headers/
if grep -q '^CONFIG_MODULES=y' .config; then
  "$@" modules_install INSTALL_MOD_PATH=${PLACES.out}/modules INSTALL_MOD_STRIP=1
  find ${PLACES.out}/modules -type l -delete
fi
`;

/** Copies what was built into the draft of the artifact. Returns what the store is to remember of it. */
export async function collectArtifact(options: CompileOptions, decompress: Decompress): Promise<Made> {
  const { draft, environment, tree, buildDir, make, jobs, cache, name, signal } = options;
  const out = join(draft, 'out');
  mkdirSync(out);
  await environment.run({
    name: `kernel-${name}-install`,
    title: `Collecting the kernel ${name}`,
    argv: ['sh', '-euc', collectScript(cache), 'collect', ...makeWords(make, { jobs, cache })],
    mounts: [
      { host: tree.dir, guest: PLACES.source, mode: 'input' },
      { host: buildDir.dir, guest: PLACES.build, mode: 'work' },
      { host: out, guest: PLACES.out, mode: 'output' },
      ...cache.mounts,
    ],
    env: { ...buildEnvironmentVariables(tree.epoch), ...cache.env },
    signal,
    writesTo: { dir: draft, needs: options.needs },
    failure: { code: 'kernel-install-failed' },
  });
  for (const file of readdirSync(out)) renameSync(join(out, file), join(draft, file));
  rmSync(out, { recursive: true });
  const configText = readFileSync(join(draft, FILES.config), 'latin1');
  const { meta, config, release } = inspectKernel(draft, { name, configText });
  const modulesDir = join('modules', 'lib', 'modules', release);
  const hasModules = existsSync(join(draft, modulesDir));
  const index = hasModules ? readModuleIndex(join(draft, modulesDir)) : undefined;
  const { names } = planBootModules(index, config);
  await writeBootModules(draft, { index, names, decompress });
  if (!hasModules) return { meta, trees: ['headers'] };
  return { meta: { ...meta, modulesDir }, trees: ['headers', 'modules'] };
}
