import { constants, loadavg } from 'node:os';
import { benchEndurance } from './endurance.ts';
import { benchExec } from './exec.ts';
import { benchKernel } from './kernel.ts';
import { print } from './measure.ts';
import { benchPolicy } from './policy.ts';
import { benchRelay } from './relay.ts';
import { benchFresh, benchRun } from './run.ts';
import { benchStream } from './stream.ts';
import { benchTest } from './test.ts';

type Bench = (rounds: number, words: readonly string[]) => Promise<void>;

const BENCHMARKS: Readonly<Record<string, Bench>> = {
  exec: benchExec,
  run: benchRun,
  stream: benchStream,
  policy: benchPolicy,
  relay: benchRelay,
  test: benchTest,
  fresh: benchFresh,
  kernel: benchKernel,
  endurance: benchEndurance,
};

/** Take half an hour or more: only when they are asked for. */
const ON_REQUEST = ['kernel', 'endurance'];

const DEFAULT_ROUNDS = 5;

// Ends what runs, and removes what it left: see `command` and `scratchDirectory`.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => process.exit(128 + constants.signals[signal]));

const [name, ...words] = process.argv.slice(2);
const rounds = Number(words.find((word) => /^\d+$/.test(word)) ?? DEFAULT_ROUNDS);
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
  await bench(
    rounds,
    words.filter((word) => !/^\d+$/.test(word)),
  );
}
