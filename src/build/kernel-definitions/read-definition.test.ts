import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { KernelDefinition } from '../../core/kernel-definition.ts';
import { builtinKernels } from './builtin-kernels.ts';
import { type KernelInput, kernelSchema } from './definition-schema.ts';
import { FRAGMENTS, findFragment, listFragments } from './fragments.ts';
import { readDefinition } from './read-definition.ts';

const read = (input: KernelInput, parent?: KernelDefinition) =>
  readDefinition({ name: 'mine', input, dir: '/project', file: 'devbox.config.json', parent: () => parent });

it('takes the kernels that come with devbox', () => {
  const names = builtinKernels().map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['ghost', 'scx', 'scx-6.12', 'scx-7.2']));
  for (const file of readdirSync(FRAGMENTS).filter((name) => name.endsWith('.json'))) {
    const parsed = kernelSchema.safeParse(JSON.parse(readFileSync(join(FRAGMENTS, file), 'utf8')));
    expect(parsed.error?.issues, file).toBeUndefined();
  }
});

it('pins every repository that comes with devbox to a commit', () => {
  const sources = builtinKernels().flatMap(({ source }) => (source?.kind === 'git' ? [source.ref] : []));
  expect(sources).toEqual([expect.stringMatching(/^[0-9a-f]{40}$/)]);
});

it('adds what it says to the kernel that it extends', () => {
  const parent = builtinKernels().find(({ name }) => name === 'scx-6.12');
  const mine = read(
    { extends: 'scx-6.12', source: { kind: 'tree', path: '../linux' }, fragments: ['debug'], set: ['X=y'] },
    parent,
  );
  expect(mine.source).toEqual({ kind: 'tree', path: '/linux' });
  expect(mine.fragments).toEqual([...(parent?.fragments ?? []), join(FRAGMENTS, 'debug.config')]);
  expect(mine.set).toEqual(['X=y']);
  expect(mine.base).toBe('tinyconfig');
});

it('refuses what extends nothing, and what has no source', () => {
  expect(() => read({ extends: 'nothing' })).toThrow('extends "nothing", which is no kernel');
  expect(() => read({ set: ['X=y'] })).toThrow('has no source and extends nothing');
});

it('finds a fragment by its name or its path, and names the nearest', () => {
  expect(findFragment('debug', '/')).toBe(join(FRAGMENTS, 'debug.config'));
  expect(findFragment('./debug.config', FRAGMENTS)).toBe(join(FRAGMENTS, 'debug.config'));
  expect(listFragments()).toContain('sched-ext');
  expect(() => findFragment('debgu', '/')).toThrow('Did you mean "debug"?');
  expect(() => findFragment('./absent.config', '/nowhere')).toThrow(
    'There is no configuration fragment /nowhere/absent.config.',
  );
});
