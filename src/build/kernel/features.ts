import { FEATURE_OPTIONS, type KernelFeature } from '../../core/kernel.ts';
import { findStructs } from './btf.ts';

export interface KnownFeatures {
  readonly features: ReadonlySet<KernelFeature>;
  readonly unknownFeatures: ReadonlySet<KernelFeature>;
}

/**
 * A structure that only a kernel with the feature has. Where the feature may be a module, whose types are not in the
 * kernel's own BTF, its absence says nothing.
 */
const STRUCTS: Readonly<
  Partial<Record<KernelFeature, { readonly struct: string; readonly module: boolean }>>
> = {
  'sched-ext': { struct: 'sched_ext_ops', module: false },
  '9p': { struct: 'v9fs_session_info', module: true },
  virtiofs: { struct: 'virtio_fs', module: true },
  overlay: { struct: 'ovl_fs', module: true },
  ghost: { struct: 'ghost_enclave', module: false },
};

/** What a kernel can do: from its configuration when there is one, else from its BTF; the rest stays unknown. */
export function readFeatures(options: {
  readonly config: ReadonlyMap<string, string> | undefined;
  readonly btf: Buffer | undefined;
  /** Whether the kernel's image could be read, so that a missing BTF is a fact. */
  readonly hasVmlinux: boolean;
}): KnownFeatures {
  const { config, btf, hasVmlinux } = options;
  const features = new Set<KernelFeature>();
  const unknownFeatures = new Set<KernelFeature>();
  const structs = btf && findStructs(btf, new Set(Object.values(STRUCTS).map(({ struct }) => struct)));
  for (const feature of Object.keys(FEATURE_OPTIONS) as KernelFeature[]) {
    const has =
      feature === 'btf' && (btf !== undefined || hasVmlinux)
        ? btf !== undefined
        : (fromConfig(feature, config) ?? fromStructs(feature, structs));
    if (has === undefined) unknownFeatures.add(feature);
    else if (has) features.add(feature);
  }
  return { features, unknownFeatures };
}

function fromConfig(
  feature: KernelFeature,
  config: ReadonlyMap<string, string> | undefined,
): boolean | undefined {
  return config && FEATURE_OPTIONS[feature].every((option) => /^[ym]$/.test(config.get(option) ?? ''));
}

function fromStructs(feature: KernelFeature, structs: ReadonlySet<string> | undefined): boolean | undefined {
  const known = STRUCTS[feature];
  if (structs === undefined || known === undefined) return undefined;
  if (structs.has(known.struct)) return true;
  return known.module ? undefined : false;
}
