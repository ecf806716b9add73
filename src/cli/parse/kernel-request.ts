import { resolve } from 'node:path';
import type { KernelBuildRequest } from '../../app/kernel/build-kernel.ts';
import { findFragment } from '../../build/kernel-definitions/fragments.ts';
import { parseSource } from '../../build/kernel-source/parse-source.ts';
import { usage } from './parse-words.ts';
import { parseSize, value } from './requests.ts';
import type { ParsedCommand } from './table.ts';

const MAX_JOBS = 1024;

/** `devbox kernel build` as it was typed. Throws `Failure` usage for what cannot be meant. */
export function kernelBuildRequest(parsed: ParsedCommand, cwd: string): KernelBuildRequest {
  const { flags, args } = parsed;
  const name = args[0];
  const source = value(parsed, 'source');
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
  const image = value(parsed, 'image');
  const memory = value(parsed, 'memory');
  const jobs = value(parsed, 'jobs');
  return {
    cwd,
    ...(name !== undefined && { name }),
    ...(source !== undefined && { source: parseSource(source, cwd) }),
    fragments: (flags.get('config') ?? []).map((text) => findFragment(text, cwd)),
    set: flags.get('set') ?? [],
    ...(image !== undefined && { image: resolve(cwd, image) }),
    builder: (value(parsed, 'builder') ?? 'auto') as KernelBuildRequest['builder'],
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
