import { dirname, join } from 'node:path';
import { buildSettings } from '../src/app/kernel/build-kernel.ts';
import { prepareKernel } from '../src/build/kernel/prepare-kernel.ts';
import { builtinKernels } from '../src/build/kernel-definitions/builtin-kernels.ts';
import { prepareBuildRoot } from '../src/build/root/prepare-build-root.ts';
import { probeKvm } from '../src/platform/kvm-probe.ts';
import { projectRoot } from '../src/platform/paths.ts';
import { command, compare } from './measure.ts';
import { prepareVng } from './vng.ts';

const CPUS = '2';

/** The shortest way to a command in a guest: `devbox exec -- true` and virtme-ng's, same kernel, same vCPUs. Target: 0.25×. */
export async function benchExec(rounds: number): Promise<void> {
  const emit = () => {};
  const kernel = await prepareKernel('scx', {
    emit,
    root: () => prepareBuildRoot({ emit }),
    definitions: builtinKernels(),
    build: buildSettings(undefined),
  });
  const image = join(dirname(kernel.bootImage), 'bzImage');
  const vng = await prepareVng();
  const { usable } = await probeKvm({});
  const slow = usable ? [] : ['--disable-kvm'];
  const peer = [vng.program, '--run', image, ...slow, '--cpus', CPUS, '--memory', '1G', '--exec', 'true'];
  await compare(
    {
      name: `devbox exec --smp ${CPUS} -- true`,
      run: () => command([join(projectRoot, 'devbox'), 'exec', '--smp', CPUS, '--', 'true']),
    },
    {
      name: `vng --run ${kernel.release} --exec true`,
      run: () => command(peer, { env: { PATH: vng.path } }),
    },
    { rounds },
  );
}
