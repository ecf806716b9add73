import { join } from 'node:path';
import { projectRoot } from '../src/platform/paths.ts';
import { command, compare, report, sampleOf, time } from './measure.ts';
import { scratchDirectory } from './scratch.ts';

const devbox = join(projectRoot, 'devbox');

/** The main job, warm, with a workload of one second. Target: below 8 s in all. Beside it one that is all in BPF. */
export async function benchRun(rounds: number): Promise<void> {
  const run = (agent: string) => ({
    name: `devbox run --smp 4 ${agent}, warm`,
    run: () => command([devbox, 'run', '--smp', '4', '--quiet', agent]),
  });
  await compare(run('fifo'), run('fifo-bpf'), { rounds });
}

/** The same from an empty cache: everything is made first. Target: below 180 s with a near mirror. */
export async function benchFresh(): Promise<void> {
  using cache = scratchDirectory();
  const env = { DEVBOX_CACHE: cache.path };
  const seconds = await time(() => command([devbox, 'run', '--smp', '4', '--quiet', 'fifo'], { env }));
  report('devbox run --smp 4 fifo, from an empty cache', sampleOf([seconds]), ' s');
}
