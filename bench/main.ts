import { loadavg } from 'node:os';
import { benchExec } from './exec.ts';
import { benchKernel } from './kernel.ts';
import { print } from './measure.ts';
import { benchPolicy } from './policy.ts';
import { benchRelay } from './relay.ts';
import { benchFresh, benchRun } from './run.ts';
import { benchStream } from './stream.ts';
import { benchTest } from './test.ts';

const BENCHMARKS: Readonly<Record<string, (rounds: number) => Promise<void>>> = {
  exec: benchExec,
  run: benchRun,
  stream: benchStream,
  policy: benchPolicy,
  relay: benchRelay,
  test: benchTest,
  fresh: benchFresh,
  kernel: benchKernel,
};

/** Takes most of an hour: only when it is asked for. */
const ON_REQUEST = ['kernel'];

const DEFAULT_ROUNDS = 5;

const [name, rounds] = process.argv.slice(2);
const chosen =
  name === undefined ? Object.keys(BENCHMARKS).filter((each) => !ON_REQUEST.includes(each)) : [name];
for (const one of chosen) {
  const bench = BENCHMARKS[one];
  if (!bench) {
    print(`There is no benchmark "${one}"; there are ${Object.keys(BENCHMARKS).join(', ')}.`);
    process.exitCode = 64;
    break;
  }
  print(`\n${one} (load of the machine before: ${loadavg()[0]?.toFixed(1)})`);
  await bench(Number(rounds ?? DEFAULT_ROUNDS));
}
