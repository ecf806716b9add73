import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Failure } from '../../core/failure.ts';
import type { KernelArtifact, KernelFeature } from '../../core/kernel.ts';
import type { StoreEntry } from '../../platform/store.ts';
import type { KeyInput } from '../../platform/store-key.ts';
import { type ByteSource, damaged, openFileSource } from './byte-source.ts';
import { type Elf, hasPvhNote, readElf, readNotes, readSection } from './elf.ts';
import { readFeatures } from './features.ts';
import { parseKconfig, readEmbeddedConfig } from './kconfig.ts';
import { findMissingKfuncs } from './missing-kfuncs.ts';
import { scanForRelease } from './scan.ts';

/** Files of a kernel in the store. `boot-modules/` lies beside them. */
export const FILES = { vmlinux: 'vmlinux', bzImage: 'bzImage', btf: 'btf', config: 'config' } as const;

const BTF_LIMIT = 256 * 2 ** 20;
const BTF_IDS_LIMIT = 2 ** 20;
const ET_EXEC = 2;
const ET_DYN = 3;

export interface KernelFacts {
  /** What to call it in an error: the path the user gave, or the name of a kernel. */
  readonly name: string;
  /** When something other than the kernel's own banner tells it. */
  readonly release?: string | undefined;
  /** From a file that came with the kernel. */
  readonly configText?: string | undefined;
}

export interface KernelInspection {
  readonly release: string;
  readonly config: ReadonlyMap<string, string> | undefined;
  readonly meta: Readonly<Record<string, KeyInput>>;
}

/** Reads what lies in `draft` (vmlinux, bzImage or both), adds BTF and configuration, and says what it all is. */
export function inspectKernel(draft: string, facts: KernelFacts): KernelInspection {
  const hasBzImage = existsSync(join(draft, FILES.bzImage));
  const hasVmlinux = existsSync(join(draft, FILES.vmlinux));
  const image = hasVmlinux ? readImageFile(join(draft, FILES.vmlinux), facts) : undefined;
  const release = facts.release ?? image?.release;
  if (release === undefined) throw damaged(facts.name, 'it names no release');
  if (!image?.isPvh && !hasBzImage) throw notBootable(facts.name);
  const configText = facts.configText ?? image?.configText;
  const config = configText === undefined ? undefined : parseKconfig(configText);
  if (configText !== undefined) writeFileSync(join(draft, FILES.config), configText);
  if (image?.btf) writeFileSync(join(draft, FILES.btf), image.btf);
  const known = readFeatures({ config, btf: image?.btf, hasVmlinux });
  const meta = {
    release,
    bootProtocol: image?.isPvh ? 'pvh' : 'bzimage',
    hasVmlinux,
    hasBtf: image?.btf !== undefined,
    hasConfig: config !== undefined,
    features: [...known.features],
    unknownFeatures: [...known.unknownFeatures],
    missingKfuncs: image?.missingKfuncs ?? null,
  };
  return { release, config, meta };
}

function readImageFile(file: string, { name }: KernelFacts) {
  using source = openFileSource(file, name);
  const elf = readElf(source);
  if (!isKernel(elf)) throw notLinux(name);
  const release = scanForRelease(source);
  if (release === undefined) throw notLinux(name);
  return {
    release,
    isPvh: hasPvhNote(readNotes(source, elf)),
    configText: readEmbeddedConfig(source),
    ...readTypes(source, elf),
  };
}

/** The raw BTF of an uncompressed kernel, and what of it is missing. */
export function readTypes(source: ByteSource, elf: Elf) {
  const btf = readSection(source, elf, '.BTF', BTF_LIMIT);
  const btfIds = readSection(source, elf, '.BTF_ids', BTF_IDS_LIMIT);
  return { btf, missingKfuncs: btf && btfIds && findMissingKfuncs(btf, btfIds) };
}

function isKernel(elf: Elf): boolean {
  return (elf.type === ET_EXEC || elf.type === ET_DYN) && elf.segments.length > 0;
}

/** The artifact that an entry of the store is. `name` is what the user called it. */
export function kernelArtifact(name: string, entry: StoreEntry): KernelArtifact {
  const { meta, dir } = entry;
  const isPvh = meta.bootProtocol === 'pvh';
  const modulesDir = meta.modulesDir;
  return {
    name,
    release: String(meta.release),
    key: entry.key,
    bootImage: join(dir, isPvh ? FILES.vmlinux : FILES.bzImage),
    bootProtocol: isPvh ? 'pvh' : 'bzimage',
    features: new Set(meta.features as KernelFeature[]),
    unknownFeatures: new Set(meta.unknownFeatures as KernelFeature[]),
    ...(meta.hasVmlinux === true && { vmlinux: join(dir, FILES.vmlinux) }),
    ...(meta.hasBtf === true && { btf: join(dir, FILES.btf) }),
    ...(meta.hasConfig === true && {
      config: parseKconfig(readFileSync(join(dir, FILES.config), 'latin1')),
    }),
    ...(Array.isArray(meta.missingKfuncs) && { missingKfuncs: meta.missingKfuncs as string[] }),
    ...(Array.isArray(meta.append) && { append: meta.append as string[] }),
    ...(typeof modulesDir === 'string' && { modulesDir: resolve(dir, modulesDir) }),
  };
}

function notLinux(name: string): Failure {
  return new Failure({
    kind: 'usage',
    code: 'not-a-kernel',
    message: `${name} is not a kernel: it is an ELF program or object without Linux's banner.`,
    hint: 'Give a bzImage, an uncompressed vmlinux, or the directory of a built kernel tree.',
  });
}

function notBootable(name: string): Failure {
  return new Failure({
    kind: 'usage',
    code: 'kernel-not-bootable',
    message: `QEMU cannot boot ${name} as it is: an uncompressed vmlinux needs a PVH entry, and it has none.`,
    hint: 'Give the bzImage of the same build (arch/x86/boot/bzImage), or switch on CONFIG_PVH.',
  });
}
