import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { projectRoot } from '../src/platform/paths.ts';
import { defaultKernel } from './default-kernel.ts';
import { command, compare, report, sampleOf } from './measure.ts';
import { prepareVng, vngCommand } from './vng.ts';

const CPUS = '2';

/** The shortest way to a command in a guest: `devbox exec -- true` and virtme-ng's, same kernel, same vCPUs. Target: 0.25×. */
export async function benchExec(rounds: number): Promise<void> {
  const kernel = await defaultKernel();
  const image = join(dirname(kernel.bootImage), 'bzImage');
  const vng = await prepareVng();
  const peer = await vngCommand(vng, image, CPUS, 'true');
  const ours = [join(projectRoot, 'devbox'), 'exec', '--smp', CPUS, '--', 'true'];
  await compare(
    { name: `devbox exec --smp ${CPUS} -- true`, run: () => command(ours) },
    {
      name: `vng --run ${kernel.release} --exec true`,
      run: () => command(peer, { env: { PATH: vng.path } }),
    },
    { rounds },
  );
  await reportPhases(ours, rounds);
}

/** What the time goes to. */
async function reportPhases([devbox = '', ...words]: readonly string[], rounds: number): Promise<void> {
  const phases = new Map<string, number[]>();
  for (let round = 0; round < rounds; round += 1) {
    const began = performance.now();
    const { stdout } = spawnSync(devbox, ['exec', '--json', ...words.slice(1)]);
    const all = performance.now() - began;
    for (const [name, ms] of phasesOf(stdout.toString(), all)) {
      phases.set(name, [...(phases.get(name) ?? []), ms / 1000]);
    }
  }
  for (const [name, seconds] of phases) report(`  ${name}`, sampleOf(seconds), ' s');
}

function phasesOf(ndjson: string, all: number): [string, number][] {
  const events = ndjson
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; stage?: string; t: number });
  const at = (type: string, stage?: string) =>
    events.find((event) => event.type === type && event.stage === stage)?.t ?? Number.NaN;
  const boot = at('stage-started', 'boot');
  const ready = at('stage-finished', 'boot');
  const shared = at('stage-finished', 'share');
  const exited = at('workload-exited');
  const end = at('run-finished');
  return [
    ['start and end of devbox', all - end],
    ['look up what is booted', boot],
    ['clone', ready - boot],
    ['mount', shared - ready],
    ['command', exited - shared],
    ['stop', end - exited],
  ];
}
