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
  readPerCpu(map: string): readonly CValue[];
  watchRing(map: string, onRecord: (record: Uint8Array) => void): void;
  setMember(map: string, member: string, value: number | bigint | string): void;
  membersInUse(map: string): readonly string[];
  attach(map: string): void;
  detach(): void;
  close(): void;
}

export interface NativeAddon {
  readonly libbpfVersion: string;
  readonly BpfObject: new (path: string) => NativeBpfObject;
  /** Null when the running kernel has no such struct; throws ENOENT when it has no BTF at all. */
  kernelStructMembers(name: string): readonly string[] | null;
  lockMemory(): void;
}

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
