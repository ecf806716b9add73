import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { KernelFeature } from '../../core/kernel.ts';
import type { StoreEntry } from '../../platform/store.ts';
import { keyOf } from '../../platform/store-key.ts';
import { storeCallbacks } from '../store-callbacks.ts';
import { bufferSource, openFileSource } from './byte-source.ts';
import { readBzImageHeader } from './bzimage.ts';
import type { Examination } from './choose-kernel.ts';
import { fetchImage, type KernelContext } from './debian-apt.ts';
import { type DebianKernel, versionOf } from './debian-packages.ts';
import { decompressInRoot } from './decompress-in-root.ts';
import { readElf } from './elf.ts';
import { extractVmlinux } from './extract-vmlinux.ts';
import { readFeatures } from './features.ts';
import { readTypes } from './kernel-entry.ts';

const RECIPE = 1;
/** A package and the image in it. Bytes. */
const NEEDS = 40e6;

/**
 * What `chooseKernel` wants to know, remembered in the store. Of a kernel in parts only the one with the image is
 * fetched, 13 MB instead of 50; `obtain` fetches a whole one.
 */
export async function examineKernel(
  kernel: DebianKernel,
  obtain: () => Promise<StoreEntry>,
  context: KernelContext,
): Promise<Examination> {
  const image = kernel.packages.find(({ name }) => name.startsWith('linux-binary-'));
  if (image === undefined) return examinationOf(await obtain());
  const { store, signal, emit, progress } = context;
  const { entry } = await store.obtain({
    kind: 'kernel-examination',
    key: keyOf({ recipe: RECIPE, image: image.sha256 }),
    needs: NEEDS,
    signal,
    make: async (draft) => {
      progress(`looking at ${versionOf(kernel.release)}`);
      await fetchImage(draft, kernel.release, image, NEEDS, context);
      const file = join(draft, 'bzImage');
      const known = await lookInto(file, kernel.release, decompressInRoot(context.root, draft, signal));
      rmSync(file);
      return { meta: { release: kernel.release, ...known } };
    },
    ...storeCallbacks(`examination of ${kernel.release}`, emit, progress),
  });
  return examinationOf(entry);
}

async function lookInto(file: string, name: string, decompress: Parameters<typeof extractVmlinux>[2]) {
  using source = openFileSource(file, name);
  const vmlinux = await extractVmlinux(source, readBzImageHeader(source), decompress);
  const unpacked = bufferSource(name, vmlinux);
  const { btf, missingKfuncs } = readTypes(unpacked, readElf(unpacked));
  const { features } = readFeatures({ config: undefined, btf, hasVmlinux: true });
  return { features: [...features], missingKfuncs: missingKfuncs ?? null };
}

function examinationOf({ meta }: StoreEntry): Examination {
  const features = meta.features as readonly KernelFeature[];
  const missingKfuncs = (meta.missingKfuncs ?? undefined) as readonly string[] | undefined;
  return { isSchedExt: features.includes('sched-ext') && features.includes('btf'), missingKfuncs };
}
