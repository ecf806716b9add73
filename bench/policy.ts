import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findPolicy } from '../src/agents/policies/policies.ts';
import { readParams } from '../src/agents/policy/params.ts';
import { findSimWorkload } from '../src/agents/simulator/sim-workloads.ts';
import { simulate } from '../src/agents/simulator/simulate.ts';
import { command, print, report, sampleOf } from './measure.ts';
import { BATCH, CPUS, record, TASKS } from './policy/recording.ts';
import type { Replayed } from './policy/replay.ts';
import { scratchDirectory } from './scratch.ts';

const SOURCES = join(import.meta.dirname, 'policy');
const WARM_UPS = 20;
const TIMES = 50;

/**
 * The runtime of policies with fifo, fed with what a kernel's ring would hold, against the same loop in C++ (target: 3 ×) and against
 * C++ that asks a policy in Python through pybind11 (target: 20 × faster); garbage; and a large simulation (target: 60 s). Seconds are
 * of CPU, so that what else the machine does counts less.
 */
export async function benchPolicy(rounds: number): Promise<void> {
  using scratch = scratchDirectory();
  const dir = scratch.path;
  const events = join(dir, 'events');
  const recording = record();
  writeFileSync(events, recording.events);
  print(`recorded ${recording.count} events of ${TASKS} tasks on ${CPUS} CPUs, ${BATCH} at a time`);
  await compareWithCpp(dir, events, rounds);
  await compareWithPython(dir, events, rounds);
  reportGarbage(events);
  reportSimulation();
}

interface Timed {
  readonly decisions: number;
  readonly checksum: number;
  readonly seconds: number;
}

function numbers(passes: number): readonly string[] {
  return [TASKS, CPUS, BATCH, passes].map(String);
}

function replay(events: string, times = TIMES): Replayed {
  const script = join(SOURCES, 'replay.ts');
  const words = [script, events, ...numbers(WARM_UPS), String(times)];
  return JSON.parse(execFileSync(process.execPath, words).toString()) as Replayed;
}

function peer(
  program: readonly string[],
  events: string,
  passes: number,
  env: NodeJS.ProcessEnv = {},
): Timed {
  const [file = '', ...words] = [...program, events, ...numbers(passes)];
  const line = execFileSync(file, words, { env: { ...process.env, ...env } }).toString();
  const [decisions = 0, checksum = 0, seconds = 0] = line.trim().split(' ').map(Number);
  return { decisions, checksum, seconds };
}

const rate = ({ decisions, seconds }: Timed) => decisions / seconds / 1e6;

async function compareWithCpp(dir: string, events: string, rounds: number): Promise<void> {
  const program = join(dir, 'fifo');
  await command(['g++', '-O2', '-std=c++17', '-o', program, join(SOURCES, 'fifo.cc')]);
  const pairs = Array.from(
    { length: rounds },
    () => [replay(events), peer([program], events, TIMES)] as const,
  );
  const first = peer([program], events, 1);
  if (pairs.some(([ours]) => ours.firstChecksum !== first.checksum))
    throw new Error('TypeScript and C++ do not decide the same.');
  report('TypeScript, million decisions a second', sampleOf(pairs.map(([ours]) => rate(ours))), '');
  report('C++, million decisions a second', sampleOf(pairs.map(([, theirs]) => rate(theirs))), '');
  report('TypeScript / C++, time of a decision', sampleOf(pairs.map(([a, b]) => rate(b) / rate(a))), '×');
}

async function compareWithPython(dir: string, events: string, rounds: number): Promise<void> {
  const venv = join(dir, 'venv');
  const python = join(venv, 'bin', 'python');
  await command(['python3', '-m', 'venv', venv]);
  await command([python, '-m', 'pip', 'install', '--quiet', 'pybind11']);
  const ask = (code: string) => execFileSync(python, ['-c', code]).toString().trim();
  const suffix = ask('import sysconfig; print(sysconfig.get_config_var("EXT_SUFFIX"))');
  const includes = ask(
    'import pybind11, sysconfig; print(pybind11.get_include()); print(sysconfig.get_paths()["include"])',
  ).split('\n');
  await command([
    ...['g++', '-O2', '-std=c++17', '-shared', '-fPIC', '-fvisibility=hidden'],
    ...includes.map((path) => `-I${path}`),
    ...['-o', join(dir, `fifo_python${suffix}`), join(SOURCES, 'fifo-python.cc')],
  ]);
  print(
    `CPython ${ask('import sys; print(sys.version.split()[0])')} and pybind11 ${ask('import pybind11; print(pybind11.__version__)')}:`,
  );
  for (const [way, name] of WAYS) {
    const theirs = () => peer([python, join(SOURCES, 'fifo.py'), way], events, 1, { PYTHONPATH: dir });
    const pairs = Array.from({ length: rounds }, () => [replay(events), theirs()] as const);
    report(`  ${name}: million a second`, sampleOf(pairs.map(([, b]) => rate(b))), '');
    report(
      '  the same / TypeScript, time of a decision',
      sampleOf(pairs.map(([a, b]) => rate(a) / rate(b))),
      '×',
    );
  }
}

/** How C++ calls Python. */
const WAYS = [
  ['overrides', 'overriding methods, tasks as objects'],
  ['methods', 'bound methods, tasks as numbers'],
] as const;

function reportGarbage(events: string): void {
  const { decisions, heapBytes, collections } = replay(events, 200);
  const each = (heapBytes / decisions).toFixed(4);
  print(
    `${'garbage of the runtime and the policy'.padEnd(56)} ${each} bytes a decision over ${decisions}, ${collections} collections`,
  );
}

function reportSimulation(): void {
  const definition = findPolicy('fifo');
  const began = performance.now();
  const { tasksCreated, decisions } = simulate({
    ...{ definition, params: readParams('policy fifo', definition.params ?? {}, []) },
    ...{ cpus: 1000, seed: 1, durationNs: 3600e9, workload: findSimWorkload('many').make([]) },
  });
  const seconds = (performance.now() - began) / 1000;
  const name = `simulating ${tasksCreated} tasks on 1000 CPUs under fifo`;
  print(`${name.padEnd(56)} ${seconds.toFixed(1)} s, ${decisions} decisions`);
}
