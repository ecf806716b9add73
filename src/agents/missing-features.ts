import { FEATURE_OPTIONS, type KernelFeature } from '../core/kernel.ts';
import type { AgentManifest } from './manifest.ts';

/** What was found in the guest before the agent starts. Undefined: the file is not there. */
export interface GuestProbe {
  /** /sys/kernel/sched_ext/state */
  readonly schedExtState?: string | undefined;
  /** Whether /sys/kernel/btf/vmlinux is there. */
  readonly btf: boolean;
  /** /sys/fs/ghost/version, or wherever ghostfs is. */
  readonly ghostVersion?: string | undefined;
  /** /proc/filesystems */
  readonly filesystems?: string | undefined;
}

export interface MissingFeature {
  readonly feature: KernelFeature;
  /** Kernel options that provide it. */
  readonly options: readonly string[];
}

/** The files that a probe is made of. */
export const PROBE_FILES = {
  schedExtState: '/sys/kernel/sched_ext/state',
  btf: '/sys/kernel/btf/vmlinux',
  filesystems: '/proc/filesystems',
} as const;

/** What the agent needs and the guest's kernel does not have, in the manifest's order. */
export function missingFeatures(
  manifest: Pick<AgentManifest, 'requires'>,
  probe: GuestProbe,
): readonly MissingFeature[] {
  return manifest.requires
    .filter((feature) => !isPresent(feature, probe))
    .map((feature) => ({ feature, options: FEATURE_OPTIONS[feature] }));
}

function isPresent(feature: KernelFeature, probe: GuestProbe): boolean {
  const hasFilesystem = (name: string) =>
    (probe.filesystems ?? '').split('\n').some((line) => line.split('\t').at(-1) === name);
  switch (feature) {
    case 'sched-ext':
      return probe.schedExtState !== undefined;
    case 'btf':
      return probe.btf;
    case 'ghost':
      return probe.ghostVersion !== undefined;
    case '9p':
      return hasFilesystem('9p');
    case 'virtiofs':
      return hasFilesystem('virtiofs');
    case 'overlay':
      return hasFilesystem('overlay');
    default:
      return feature satisfies never;
  }
}
