import { resolve } from 'node:path';
import type { BuilderChoice } from '../../build/environment/environment.ts';
import type { PreparedKernel } from '../../build/kernel/prepare-kernel.ts';
import { findFragment, listFragments as fragments } from '../../build/kernel-definitions/fragments.ts';
import { parseSource } from '../../build/kernel-source/parse-source.ts';
import { buildKernelFor } from '../kernel/build-kernel.ts';
import * as fetching from '../kernel/fetch-kernel.ts';
import { configOf, diffKernels as diff, type KernelConfig } from '../kernel/kernel-config.ts';
import * as listing from '../kernel/list-kernels.ts';
import { type RemovedKernels, removeKernels as remove } from '../kernel/remove-kernels.ts';
import { directoryOf, type Place } from './guest-options.ts';
import { type WorkContext, withWork } from './work.ts';

export interface KernelOptions extends WorkContext, Place {}

export interface KernelBuildOptions extends KernelOptions {
  /** A named kernel to begin with; without need when there is a source. */
  readonly name?: string;
  /** Instead of the named kernel's, as `--source` takes it. */
  readonly source?: string;
  /** Fragments of configuration: names, or files. */
  readonly config?: readonly string[];
  /** Options of the configuration after them: `CONFIG_FOO=y`. */
  readonly set?: readonly string[];
  /** A directory with a Dockerfile, to build in. */
  readonly image?: string;
  readonly builder?: BuilderChoice;
  /** Compilers at a time. */
  readonly jobs?: number;
  /** For the compilers, bytes. */
  readonly memoryBytes?: number;
  /** Default: true. */
  readonly usesCompileCache?: boolean;
  /** Go on behind an error, to see all of them. */
  readonly keepGoing?: boolean;
  /** Refuse what devbox.lock does not say. */
  readonly frozen?: boolean;
  readonly offline?: boolean;
  /** Take the newest of everything, whatever devbox.lock says. */
  readonly update?: boolean;
}

export async function buildKernel(options: KernelBuildOptions): Promise<PreparedKernel> {
  const cwd = directoryOf(options.cwd);
  const { name, source, config = [], image, jobs, memoryBytes } = options;
  const request = {
    ...{ cwd, builder: options.builder ?? 'auto', set: options.set ?? [] },
    ...(name !== undefined && { name }),
    ...(source !== undefined && { source: parseSource(source, cwd) }),
    fragments: config.map((text) => findFragment(text, cwd)),
    ...(image !== undefined && { image: resolve(cwd, image) }),
    ...(jobs !== undefined && { jobs }),
    ...(memoryBytes !== undefined && { memoryBytes }),
    usesCompileCache: options.usesCompileCache ?? true,
    keepGoing: options.keepGoing ?? false,
    frozen: options.frozen ?? false,
    offline: options.offline ?? false,
    update: options.update ?? false,
  };
  return withWork(options, (around) => buildKernelFor(request, around));
}

export async function fetchKernel(name: string, options: KernelOptions = {}): Promise<PreparedKernel> {
  const cwd = directoryOf(options.cwd);
  return withWork(options, (around) => fetching.fetchKernel(name, { cwd, ...around }));
}

export async function listKernels(
  options: Place & { readonly stored?: boolean } = {},
): Promise<listing.KernelListing[]> {
  return listing.listKernels({ cwd: directoryOf(options.cwd), stored: options.stored ?? true });
}

export async function describeKernel(
  selector: string,
  options: KernelOptions = {},
): Promise<listing.KernelDescription> {
  const cwd = directoryOf(options.cwd);
  return withWork(options, (around) => listing.describeKernel(selector, { cwd, ...around }));
}

export async function kernelConfig(selector: string, options: KernelOptions = {}): Promise<KernelConfig> {
  const cwd = directoryOf(options.cwd);
  return withWork(options, (around) => configOf(selector, { cwd, ...around }));
}

export async function diffKernels(a: string, b: string, options: KernelOptions = {}) {
  const cwd = directoryOf(options.cwd);
  return withWork(options, (around) => diff(a, b, { cwd, ...around }));
}

export async function removeKernels(
  selectors: readonly string[],
  { signal = new AbortController().signal }: Pick<WorkContext, 'signal'> = {},
): Promise<RemovedKernels> {
  return remove(selectors, signal);
}

export async function listFragments(): Promise<readonly string[]> {
  return fragments();
}
