import { constants, copyFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { Failure } from '../../core/failure.ts';
import { cacheDir } from '../../platform/paths.ts';
import type { Made } from '../../platform/store.ts';
import { keyOf } from '../../platform/store-key.ts';
import { storeCallbacks } from '../store-callbacks.ts';
import { writeBootModules } from './boot-modules.ts';
import { openFileSource } from './byte-source.ts';
import { readBzImageHeader } from './bzimage.ts';
import type { KernelContext } from './debian-apt.ts';
import { decompressInRoot } from './decompress-in-root.ts';
import { digestOf } from './digest-cache.ts';
import { extractVmlinux } from './extract-vmlinux.ts';
import { identifyKernel, type KernelFormat } from './identify.ts';
import { FILES, inspectKernel } from './kernel-entry.ts';
import { type ModuleIndex, moduleStamps, planBootModules, readModuleIndex } from './modules.ts';

interface GivenKernel {
  readonly image: string;
  readonly format: KernelFormat;
  readonly size: number;
  readonly release: string | undefined;
  readonly configFile: string | undefined;
  readonly modules: ModuleIndex | undefined;
}

const RECIPE = 2;

/** A kernel that the user has: a bzImage, a vmlinux, or the directory of a built tree. Copied into the store. */
export async function obtainGivenKernel(path: string, context: KernelContext) {
  const given = lookAt(path);
  const { store, emit, progress, signal } = context;
  const configFile = given.configFile;
  const key = keyOf({
    recipe: RECIPE,
    source: 'given',
    image: await digestOf(given.image, cacheDir(), signal),
    config: configFile === undefined ? null : await digestOf(configFile, cacheDir(), signal),
    modules: given.modules === undefined ? null : [given.modules.dir, ...moduleStamps(given.modules)],
  });
  return store.obtain({
    kind: 'kernel',
    key,
    needs: given.size * (given.format === 'bzimage' ? 8 : 2),
    signal,
    make: (draft) => copyKernel(draft, path, given, context),
    ...storeCallbacks(`kernel ${path}`, emit, progress),
  });
}

function lookAt(path: string): GivenKernel {
  const isTree = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  const image = isTree ? imageOfTree(path) : resolve(path);
  using source = openFileSource(image);
  const format = identifyKernel(source);
  // Of a vmlinux the whole file would have to be searched: only its release in the directory's name is of use here.
  const release = format === 'bzimage' ? readBzImageHeader(source).release : undefined;
  const tree = isTree ? resolve(path) : treeOf(image);
  const directories = tree === undefined ? moduleDirectories(image, release) : [tree];
  return {
    image,
    format,
    size: source.size,
    release,
    configFile: configCandidates(image, tree, release).find((file) => existsSync(file)),
    modules: directories.flatMap((dir) => (existsSync(dir) ? (readModuleIndex(dir) ?? []) : []))[0],
  };
}

const BZIMAGE = 'arch/x86/boot/bzImage';

function imageOfTree(tree: string): string {
  const images = [BZIMAGE, 'vmlinux'].map((file) => join(resolve(tree), file));
  const image = images.find((file) => existsSync(file));
  if (image !== undefined) return image;
  throw new Failure({
    kind: 'usage',
    code: 'no-such-kernel',
    message: `The directory ${tree} holds no built kernel: neither ${BZIMAGE} nor vmlinux is in it.`,
    hint: existsSync(join(tree, 'Kconfig'))
      ? `Build it first: make -C ${tree} bzImage modules`
      : 'Give a kernel file or the directory of a built kernel tree.',
  });
}

/** The built tree that an image lies in, when its place says so. */
function treeOf(image: string): string | undefined {
  if (image.endsWith(`/${BZIMAGE}`)) return image.slice(0, -BZIMAGE.length - 1);
  return basename(image) === 'vmlinux' && existsSync(join(dirname(image), BZIMAGE))
    ? dirname(image)
    : undefined;
}

function configCandidates(image: string, tree: string | undefined, release: string | undefined): string[] {
  if (tree !== undefined) return [join(tree, '.config')];
  const dir = dirname(image);
  // vmlinuz-RELEASE and config-RELEASE, as distributions have it in /boot.
  const suffix = /^(?:vmlinuz|vmlinux|bzImage)(-.+)$/.exec(basename(image))?.[1];
  const names = [suffix && `config${suffix}`, release && `config-${release}`, 'config'];
  return names.flatMap((name) => (name ? [join(dir, name)] : []));
}

function moduleDirectories(image: string, release: string | undefined): string[] {
  const dir = dirname(image);
  if (release === undefined) return [dir];
  return [dir, join(dir, '..', 'lib', 'modules', release), join('/lib/modules', release)];
}

async function copyKernel(
  draft: string,
  path: string,
  given: GivenKernel,
  { root, signal, emit, progress }: KernelContext,
): Promise<Made> {
  const decompress = decompressInRoot(root, draft, signal);
  const target = join(draft, given.format === 'bzimage' ? FILES.bzImage : FILES.vmlinux);
  progress(`reading ${path}`);
  // Shares the blocks where the file system can.
  copyFileSync(given.image, target, constants.COPYFILE_FICLONE);
  if (given.format === 'bzimage') {
    using source = openFileSource(target, path);
    const vmlinux = await extractVmlinux(source, readBzImageHeader(source), decompress);
    writeFileSync(join(draft, FILES.vmlinux), vmlinux);
  }
  const configText = given.configFile === undefined ? undefined : readFileSync(given.configFile, 'latin1');
  const inspection = inspectKernel(draft, { name: path, release: given.release, configText });
  const { names, missing } = planBootModules(given.modules, inspection.config);
  if (missing.length > 0) {
    emit({
      type: 'notice',
      level: 'warning',
      message: `The kernel ${path} has ${missing.join(', ')} as modules, which were not found: it may not boot.`,
      hint: `Build them in, or install them to /lib/modules/${inspection.release} and run depmod.`,
    });
  }
  if (!inspection.config && !given.modules) {
    emit({
      type: 'notice',
      level: 'warning',
      message: `The kernel ${path} carries no configuration, and no modules of it were found.`,
      hint: 'If it does not boot: it needs virtio_blk, ext4 and overlay built in, or its modules beside it.',
    });
  }
  const { modules } = given;
  await writeBootModules(draft, { index: modules, names, decompress });
  return { meta: { ...inspection.meta, modulesDir: modules?.dir ?? null } };
}
