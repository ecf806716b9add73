import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findWorkload, listWorkloads, planWorkloadArgv } from './workloads.ts';

const SOURCES = resolve(import.meta.dirname, '../../native/workloads');

describe('the workloads', () => {
  it('are those of the program in the guest', () => {
    const main = readFileSync(`${SOURCES}/main.c`, 'utf8');
    const names = [...main.matchAll(/^\t\{ "([\w-]+)",/gm)].map((match) => match[1]);
    expect(listWorkloads().map(({ name }) => name)).toEqual(names);
  });

  it('become a command line in the guest with their flags as given', () => {
    expect(planWorkloadArgv('pingpong', ['--duration=2s', '--json'])).toEqual([
      '/opt/devbox/bin/devbox-workload',
      'pingpong',
      '--duration=2s',
      '--json',
    ]);
  });

  it('name the nearest one when there is none of that name', () => {
    expect(() => findWorkload('pingpng')).toThrow('Did you mean "pingpong"?');
  });

  it.each([
    ['spin', ['--theads', '3'], 'no flag --theads. Did you mean "--threads"?'],
    ['spin', ['--threads', '0'], 'a number from 1 to 10000, not "0"'],
    ['busy', ['--duration', '10 parsecs'], 'not "10 parsecs"'],
    ['pingpong', ['--threads=3'], 'an even number, not 3'],
    ['simple', ['now'], 'takes no argument "now"'],
    ['many', ['--threads'], '--threads needs a value'],
  ])('refuse before anything boots: %s %j', (name, args, message) => {
    expect(() => planWorkloadArgv(name, args)).toThrow(message);
  });
});
