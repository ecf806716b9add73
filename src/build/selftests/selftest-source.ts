import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { KernelArtifact } from '../../core/kernel.ts';
import type { BuiltSourceSpec } from '../../core/kernel-definition.ts';
import { readSmallJson } from '../../platform/small-json.ts';
import { debianSourceOfRelease } from '../kernel-source/debian-source-of-release.ts';
import { resolveSource } from '../kernel-source/resolve-source.ts';
import type { ResolvedSource, SourceContext, SourcePin } from '../kernel-source/source.ts';

export interface SelftestSource {
  readonly source: ResolvedSource;
  /** Whether it is what the kernel was built from, not just Debian's nearest. */
  readonly isOwn: boolean;
}

/**
 * Where a kernel's own selftests come from: what devbox built it from, else the tree that it lies in, else the newest source
 * of Debian's that is not newer.
 */
export async function selftestSource(
  kernel: KernelArtifact,
  context: SourceContext,
): Promise<SelftestSource> {
  const pin = builtFrom(kernel);
  const tree = treeOf(kernel.name);
  if (pin) {
    // A directory is always as it is now.
    const held = pin.kind === 'tree' ? {} : { pin };
    return { source: await resolveSource(specOf(pin), { ...context, ...held }), isOwn: true };
  }
  if (tree !== undefined) {
    return { source: await resolveSource({ kind: 'tree', path: tree }, context), isOwn: true };
  }
  const spec = await debianSourceOfRelease(kernel.release, context);
  return { source: await resolveSource(spec, context), isOwn: false };
}

/** Of a kernel that devbox built, kernel.json says it. */
function builtFrom({ bootImage }: KernelArtifact): SourcePin | undefined {
  return readSmallJson<{ source: SourcePin }>(join(dirname(bootImage), 'kernel.json'))?.source;
}

/** Exported for its test. */
export function specOf(pin: SourcePin): BuiltSourceSpec {
  const text = (name: string) => String(pin[name]);
  switch (pin.kind) {
    case 'debian-source':
      return { kind: pin.kind, package: text('package'), suite: text('suite'), version: text('version') };
    case 'git':
      return { kind: pin.kind, url: text('url'), ref: text('ref') };
    case 'tarball':
      return { kind: pin.kind, location: text('location'), sha256: text('sha256') };
    case 'tree':
      return { kind: pin.kind, path: text('path') };
    default:
      return pin.kind satisfies never;
  }
}

/** The tree of a kernel that was given as a path: itself, or where its vmlinux or arch/x86/boot/bzImage lies. */
function treeOf(name: string): string | undefined {
  if (!name.includes('/')) return undefined;
  const path = resolve(name);
  return [path, dirname(path), join(path, '../../../..')].find(
    (dir) => existsSync(join(dir, 'Kconfig')) && existsSync(join(dir, 'Makefile')),
  );
}
