import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { BuildEnvironment } from '../../build/environment/environment.ts';
import type { SourcePin } from '../../build/kernel-source/source.ts';
import { Failure } from '../../core/failure.ts';
import { canonicalJson, type KeyInput } from '../../platform/store-key.ts';
import { findConfig } from '../config/find-config.ts';

/** What one kernel was built from. */
export interface LockedKernel {
  readonly source: SourcePin;
  /** The digest of a Docker image or the key of the embedded root, by builder. */
  readonly image: Readonly<Record<string, string>>;
  readonly toolchain: string;
}

/** devbox.lock: exactly what the kernels of a project were built from, for everybody who builds them again. */
export interface KernelLock {
  readonly file: string;
  readonly kernels: Readonly<Record<string, LockedKernel>>;
  /** Packages and versions of each toolchain, by its digest. */
  readonly toolchains: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

const VERSION = 1;

/** The lock of the project that `cwd` lies in: beside devbox.config, else in `cwd` itself. Empty when there is none. */
export function readLock(cwd: string): KernelLock {
  const config = findConfig(cwd);
  const file = join(config === undefined ? cwd : dirname(config), 'devbox.lock');
  if (!existsSync(file)) return { file, kernels: {}, toolchains: {} };
  try {
    const { version, kernels, toolchains } = JSON.parse(readFileSync(file, 'utf8')) as KernelLock & {
      version: number;
    };
    if (version !== VERSION) throw new Error(`its version is ${JSON.stringify(version)}, not ${VERSION}`);
    if (!isObject(kernels) || !isObject(toolchains)) throw new Error('it has no kernels or no toolchains');
    return { file, kernels, toolchains };
  } catch (cause) {
    throw new Failure({
      kind: 'usage',
      code: 'bad-lock',
      message: `${file} cannot be read: ${(cause as Error).message}.`,
      hint: 'It is written by `devbox kernel build`: take it back from version control, or delete it.',
      cause,
    });
  }
}

const isObject = (value: unknown) => typeof value === 'object' && value !== null;

/** The lock with what a kernel was built from just now. */
export function withKernel(
  lock: KernelLock,
  name: string,
  source: SourcePin,
  { builder, image, toolchain }: Pick<BuildEnvironment, 'builder' | 'image' | 'toolchain'>,
): KernelLock {
  const before = lock.kernels[name];
  const isSame = before?.toolchain === toolchain.digest;
  const kernels = {
    ...lock.kernels,
    [name]: {
      source,
      image: { ...(isSame && before.image), [builder]: image },
      toolchain: toolchain.digest,
    },
  };
  const used = new Set(Object.values(kernels).map((kernel) => kernel.toolchain));
  const toolchains = { ...lock.toolchains, [toolchain.digest]: toolchain.packages };
  return {
    file: lock.file,
    kernels,
    toolchains: Object.fromEntries(Object.entries(toolchains).filter(([digest]) => used.has(digest))),
  };
}

/** Writes it unless nothing changed. Sorted, so that two people's locks differ only where their kernels do. */
export function writeLock({ file, kernels, toolchains }: KernelLock): void {
  const text = `${JSON.stringify(sorted({ version: VERSION, kernels, toolchains }), null, 2)}\n`;
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return;
  const draft = `${file}.${process.pid}.tmp`;
  writeFileSync(draft, text);
  renameSync(draft, file);
}

function sorted(value: unknown): unknown {
  return JSON.parse(canonicalJson(value as KeyInput));
}

/** Throws `Failure` usage/lock-moved, naming every difference, when a build would not be what the lock says. */
export function requireLocked(
  lock: KernelLock,
  name: string,
  now: { readonly source: SourcePin } & Pick<BuildEnvironment, 'toolchain'>,
): void {
  const locked = lock.kernels[name];
  if (!locked) throw moved(lock.file, name, [`it does not have the kernel ${name}`]);
  const differences = [
    ...pinDifferences(locked.source, now.source),
    ...packageDifferences(lock.toolchains[locked.toolchain] ?? {}, now.toolchain.packages),
  ];
  if (differences.length > 0) throw moved(lock.file, name, differences);
}

function pinDifferences(locked: SourcePin, now: SourcePin): string[] {
  const names = [...new Set([...Object.keys(locked), ...Object.keys(now)])].sort();
  const text = (value: KeyInput | undefined) => (value === undefined ? 'nothing' : canonicalJson(value));
  return names
    .filter((name) => text(locked[name]) !== text(now[name]))
    .map((name) => `source ${name}: locked ${text(locked[name])}, now ${text(now[name])}`);
}

function packageDifferences(
  locked: Readonly<Record<string, string>>,
  now: Readonly<Record<string, string>>,
): string[] {
  const names = [...new Set([...Object.keys(locked), ...Object.keys(now)])].sort();
  return names
    .filter((name) => locked[name] !== now[name])
    .map((name) => `package ${name}: locked ${locked[name] ?? 'absent'}, now ${now[name] ?? 'absent'}`);
}

function moved(file: string, name: string, evidence: readonly string[]): Failure {
  return new Failure({
    kind: 'usage',
    code: 'lock-moved',
    message: `--frozen: the kernel ${name} would not be built from what ${file} says.`,
    evidence,
    hint: 'Build once without --frozen to move the lock, and look at what changed.',
  });
}
