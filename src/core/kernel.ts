/** What a kernel can do that devbox cares about. Read from the artifact, never from its name or version. */
export type KernelFeature = 'sched-ext' | 'btf' | '9p' | 'virtiofs' | 'overlay' | 'ghost';

/** The kernel options behind each feature, in the order a user would switch them on. */
export const FEATURE_OPTIONS: Readonly<Record<KernelFeature, readonly string[]>> = {
  'sched-ext': ['CONFIG_SCHED_CLASS_EXT'],
  btf: ['CONFIG_DEBUG_INFO_BTF'],
  '9p': ['CONFIG_9P_FS', 'CONFIG_NET_9P_VIRTIO'],
  virtiofs: ['CONFIG_VIRTIO_FS'],
  overlay: ['CONFIG_OVERLAY_FS'],
  ghost: ['CONFIG_SCHED_CLASS_GHOST'],
};

/** A kernel that is ready to boot: a value in the store, never changed. */
export interface KernelArtifact {
  /** What the user called it: `scx`, or the path they gave. */
  readonly name: string;
  /** As `uname -r` will print it. */
  readonly release: string;
  /** SHA-256 over everything that made it. */
  readonly key: string;
  /** What QEMU's -kernel gets: an uncompressed vmlinux with a PVH note when there is one (it boots fastest), else a bzImage. */
  readonly bootImage: string;
  readonly bootProtocol: 'pvh' | 'bzimage';
  /** Uncompressed vmlinux ELF, when one could be had. */
  readonly vmlinux?: string;
  /** Raw BTF, as in /sys/kernel/btf/vmlinux. */
  readonly btf?: string;
  /** Option name to value as in a .config: `y`, `m`, `"string"`, `0x10`. Undefined when the kernel carries no configuration. */
  readonly config?: ReadonlyMap<string, string>;
  /**
   * Present features. `undefined` membership is impossible to tell from "no" without a configuration, so `features`
   * holds what is known to be there and `unknownFeatures` what could not be told.
   */
  readonly features: ReadonlySet<KernelFeature>;
  readonly unknownFeatures: ReadonlySet<KernelFeature>;
  /**
   * Kernel functions that it has but that no BPF program can call, because their types are not in its BTF: a scheduler
   * that calls one does not load. Sorted; undefined when it could not be told.
   */
  readonly missingKfuncs?: readonly string[];
  /** Words that it needs on its command line. */
  readonly append?: readonly string[];
  /** Directory …/lib/modules/RELEASE with .ko files, decompressed or not. */
  readonly modulesDir?: string;
}
