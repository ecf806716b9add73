import type { KernelBuildOptions } from '../../index.ts';
import { parseSize, value } from './guest-options.ts';
import { usage } from './parse-words.ts';
import type { ParsedCommand } from './table.ts';

const MAX_JOBS = 1024;

/** `devbox kernel build` as it was typed. Throws `Failure` usage for what cannot be meant. */
export function kernelBuildOptions(parsed: ParsedCommand): KernelBuildOptions {
  const { flags, args } = parsed;
  const [name] = args;
  const [source, image, memory, jobs, builder] = ['source', 'image', 'memory', 'jobs', 'builder'].map(
    (flag) => value(parsed, flag),
  );
  if (name === undefined && source === undefined) {
    throw usage(
      'missing-argument',
      '`devbox kernel build` needs NAME or --source.',
      'See `devbox kernel list` for the names.',
    );
  }
  if (flags.has('json') && flags.has('quiet')) {
    throw usage('conflicting-flags', '--json and --quiet cannot go together.');
  }
  if (flags.has('frozen') && flags.has('update')) {
    throw usage('conflicting-flags', '--frozen and --update cannot go together.');
  }
  return {
    ...(name !== undefined && { name }),
    ...(source !== undefined && { source }),
    ...{ config: flags.get('config') ?? [], set: flags.get('set') ?? [] },
    ...(image !== undefined && { image }),
    ...(builder !== undefined && { builder: builder as NonNullable<KernelBuildOptions['builder']> }),
    ...(jobs !== undefined && { jobs: parseJobs(jobs) }),
    ...(memory !== undefined && { memoryBytes: parseSize('memory', memory) }),
    usesCompileCache: !flags.has('no-compile-cache'),
    keepGoing: flags.has('keep-going'),
    frozen: flags.has('frozen'),
    offline: flags.has('offline'),
    update: flags.has('update'),
  };
}

function parseJobs(text: string): number {
  const jobs = Number(text);
  if (Number.isInteger(jobs) && jobs >= 1 && jobs <= MAX_JOBS) return jobs;
  throw usage('bad-jobs', `--jobs ${text}: that is not a number of jobs from 1 to ${MAX_JOBS}.`);
}
