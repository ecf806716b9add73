import { join } from 'node:path';
import { Failure } from '../../core/failure.ts';
import { FEATURE_OPTIONS, type KernelArtifact } from '../../core/kernel.ts';
import type { ShareSpec } from '../../core/share-spec.ts';
import type { ShareDaemon } from '../../vm/share-daemon.ts';
import type { ShareDevice } from '../../vm/spec.ts';

/** How one share gets from the host into the guest. */
export interface PlannedShare {
  readonly spec: ShareSpec;
  readonly device: ShareDevice;
  readonly daemon?: ShareDaemon;
  readonly mount: { readonly fstype: string; readonly options: string };
}

export interface SharePlanOptions {
  readonly shares: readonly ShareSpec[];
  readonly kernel: KernelArtifact;
  /** A private directory for the daemons' sockets. */
  readonly socketDir: string;
  /** The command that serves a directory over virtiofs on a socket, sandboxed to that directory. */
  readonly virtiofsd: (share: { host: string; readOnly: boolean; socket: string }) => readonly string[];
}

/** virtiofs where the kernel has it, else 9p. Throws `Failure` usage/no-share-transport when it has neither. */
export function planShares(options: SharePlanOptions): PlannedShare[] {
  const { shares, kernel } = options;
  if (shares.length === 0) return [];
  // A kernel that carries no configuration is taken at its best: the mount will tell.
  const can = (feature: 'virtiofs' | '9p') =>
    kernel.features.has(feature) || kernel.unknownFeatures.has(feature);
  if (can('virtiofs')) return shares.map((spec, index) => overVirtiofs(spec, index, options));
  if (can('9p')) return shares.map(over9p);
  const wanted = [...FEATURE_OPTIONS.virtiofs, ...FEATURE_OPTIONS['9p']];
  throw new Failure({
    kind: 'usage',
    code: 'no-share-transport',
    message: `The kernel ${kernel.release} has neither virtiofs nor 9p, so no directory can be shared with it.`,
    hint: `Switch on ${wanted[0]}, or ${wanted.slice(1).join(' and ')}; or share nothing with --no-share.`,
  });
}

function overVirtiofs(
  spec: ShareSpec,
  index: number,
  { socketDir, virtiofsd }: SharePlanOptions,
): PlannedShare {
  const tag = `share${index}`;
  const socket = join(socketDir, `${tag}.sock`);
  return {
    spec,
    device: { kind: 'virtiofs', tag, socket },
    daemon: { argv: virtiofsd({ host: spec.host, readOnly: spec.readOnly, socket }), socket },
    mount: { fstype: 'virtiofs', options: '' },
  };
}

function over9p(spec: ShareSpec, index: number): PlannedShare {
  const tag = `share${index}`;
  return {
    spec,
    device: { kind: '9p', tag, path: spec.host, readOnly: spec.readOnly },
    mount: { fstype: '9p', options: 'trans=virtio,version=9p2000.L,msize=524288,access=any' },
  };
}
