import { createRequire } from 'node:module';
import { Failure } from '../../core/failure.ts';

/** A C value as the addon hands it over: native/addon/btf-value.h says which C type becomes which. */
export type CValue = number | bigint | boolean | string | Uint8Array | readonly CValue[] | CStruct;
export interface CStruct {
  readonly [member: string]: CValue;
}

/** native/addon/bpf-object.h. Every method may throw a `NativeError`. */
export interface NativeBpfObject {
  setVariable(name: string, value: number | bigint | boolean | string): void;
  readVariable(name: string): CValue;
  load(): void;
  /** Before loading. */
  setMaxEntries(map: string, count: number): void;
  /** Valid until `close`. */
  mapFd(map: string): number;
  programFd(program: string): number;
  readPerCpu(map: string): readonly CValue[];
  watchRing(map: string, onRecord: (record: Uint8Array) => void): void;
  setMember(map: string, member: string, value: number | bigint | string): void;
  membersInUse(map: string): readonly string[];
  attach(map: string): void;
  detach(): void;
  close(): void;
}

/** native/addon/relay.h. Used by the thread that made it. */
export interface NativeRelay {
  wait(): number;
  submit(first: number, count: number): number;
  /** Schedules first in, first out, without JavaScript, until it is asked to stop: what policies are measured against. */
  runNativeFifo(masks: Uint32Array, cpus: number, sliceNs: number): void;
  now(): number;
}

/** File descriptors; `poke` is -1 where the agent's own going to sleep is enough. */
export interface RelayFiles {
  readonly events: number;
  readonly decisions: number;
  readonly control: number;
  readonly stop: number;
  readonly poke: number;
}

/** Shared by the relay and its caller: numbers that pass through here become no objects. */
export interface RelayMemory {
  /** ns: now, as of the last `wait`; until when `wait` waits. */
  readonly clock: Float64Array;
  /** Where `wait` puts events. */
  readonly events: Uint32Array;
  /** Where `submit` finds decisions. */
  readonly decisions: Uint32Array;
}

export interface NativeAddon {
  readonly libbpfVersion: string;
  readonly BpfObject: new (path: string) => NativeBpfObject;
  /** Null when the running kernel has no such struct; throws ENOENT when it has no BTF at all. */
  kernelStructMembers(name: string): readonly string[] | null;
  lockMemory(): void;
  /** Has the generator of random numbers behind node:crypto seed itself anew. */
  reseed(): void;
  readonly Relay: new (files: RelayFiles, memory: RelayMemory) => NativeRelay;
  /** The memory of an mmapable BPF array. */
  mapMemory(fd: number, bytes: number): ArrayBuffer;
  mapSharedFile(path: string, bytes: number): ArrayBuffer;
  /** An eventfd. */
  openEvent(): number;
  setEvent(fd: number): void;
  closeEvent(fd: number): void;
  /** Ends the process at once, whatever its threads are doing. */
  exitNow(code: number): never;
}

/** What loading a scheduler takes. */
export type SchedulerAddon = Pick<NativeAddon, 'BpfObject' | 'kernelStructMembers'>;

/** `code` is an errno name (`EINVAL`), or kebab-case for a mistake of the caller; `log` is what libbpf printed meanwhile. */
export interface NativeError extends Error {
  readonly code: string;
  readonly errno?: number;
  readonly log?: string;
}

export function isNativeError(error: unknown): error is NativeError {
  return error instanceof Error && typeof (error as { code?: unknown }).code === 'string';
}

const DEFAULT_PATH = '/opt/devbox/lib/devbox.node';

export function loadAddon(env: NodeJS.ProcessEnv = process.env): NativeAddon {
  const path = env.DEVBOX_ADDON ?? DEFAULT_PATH;
  try {
    return createRequire(import.meta.url)(path) as NativeAddon;
  } catch (cause) {
    throw new Failure({
      kind: 'infrastructure',
      code: 'addon-unusable',
      message: `The native addon ${path} cannot be loaded: ${(cause as Error).message}`,
      cause,
    });
  }
}
