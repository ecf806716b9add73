import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { scratchDirectory } from './scratch.ts';

/** One way of doing a thing; resolves when it is done. */
export interface Contender {
  readonly name: string;
  readonly run: () => Promise<void>;
}

export interface Sample {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

export function sampleOf(values: readonly number[]): Sample {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number) => sorted[index] ?? Number.NaN;
  return { min: at(0), median: at(Math.floor(sorted.length / 2)), max: at(sorted.length - 1) };
}

/** Seconds that `run` takes. */
export async function time(run: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await run();
  return (performance.now() - began) / 1000;
}

/**
 * Runs the two in turn, A B A B, after one warm-up each, and prints both and their ratio pair by pair: what slows the
 * machine for a while slows both.
 */
export async function compare(
  a: Contender,
  b: Contender,
  options: { readonly rounds: number },
): Promise<void> {
  await a.run();
  await b.run();
  const times: { a: number[]; b: number[] } = { a: [], b: [] };
  for (let round = 0; round < options.rounds; round += 1) {
    times.a.push(await time(a.run));
    times.b.push(await time(b.run));
  }
  const ratios = times.a.map((value, index) => value / (times.b[index] ?? Number.NaN));
  report(a.name, sampleOf(times.a), ' s');
  report(b.name, sampleOf(times.b), ' s');
  report(`${a.name} / ${b.name}`, sampleOf(ratios), '×');
}

export function report(name: string, { min, median, max }: Sample, unit: string): void {
  const figure = (value: number) => `${value.toFixed(2)}${unit}`;
  print(`${name.padEnd(56)} median ${figure(median)}   (min ${figure(min)}, max ${figure(max)})`);
}

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
}

/**
 * Runs a command to its end with nothing on its standard input; what it prints is thrown away. Rejects when it fails. Ended when the
 * benchmark ends before it. Its standard error is a file: virtme-ng opens it by its name, which a pipe of Node's does not have.
 */
export async function command(argv: readonly string[], { env, cwd }: CommandOptions = {}): Promise<void> {
  const [file = '', ...args] = argv;
  using scratch = scratchDirectory();
  const log = join(scratch.path, 'stderr');
  const stderr = openSync(log, 'w');
  const child = spawn(file, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', stderr],
  });
  closeSync(stderr);
  const end = () => child.kill();
  process.once('exit', end);
  const [code] = await once(child, 'close');
  process.off('exit', end);
  if (code === 0) return;
  const words = readFileSync(log, 'utf8').slice(-2000);
  throw new Error(`${argv.join(' ')} ended with exit code ${code}:\n${words}`);
}
