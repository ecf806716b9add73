import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { openFileSource } from './byte-source.ts';
import { readElf, readSection } from './elf.ts';

/** A kernel's modules by name, as `lsmod` writes it: `_` for `-`. */
export interface ModuleIndex {
  readonly dir: string;
  has(name: string): boolean;
  /** The file, below `dir`; may be compressed: `.ko`, `.ko.xz`, `.ko.zst`, `.ko.gz`. */
  fileOf(name: string): string;
  /** Names of the modules it needs, in no particular order. */
  dependenciesOf(name: string): readonly string[];
}

/** What stands between QEMU's devices and a mounted root, if the kernel does not have it built in. */
const BOOT_MODULES: readonly (readonly [option: string, module: string])[] = [
  ['CONFIG_VIRTIO_PCI', 'virtio_pci'],
  ['CONFIG_VIRTIO_BLK', 'virtio_blk'],
  ['CONFIG_VIRTIO_CONSOLE', 'virtio_console'],
  ['CONFIG_EXT4_FS', 'ext4'],
  ['CONFIG_OVERLAY_FS', 'overlay'],
  ['CONFIG_FUSE_FS', 'fuse'],
  ['CONFIG_VIRTIO_FS', 'virtiofs'],
  ['CONFIG_NET_9P', '9pnet'],
  ['CONFIG_NET_9P_VIRTIO', '9pnet_virtio'],
  ['CONFIG_9P_FS', '9p'],
];

export interface BootModulePlan {
  /** In the order to load them: what a module needs comes before it. */
  readonly names: readonly string[];
  /** Configured as modules, but no such file. */
  readonly missing: readonly string[];
}

/** Which modules to load before the root is mounted. Without a configuration: all of them that there are. */
export function planBootModules(
  index: ModuleIndex | undefined,
  config: ReadonlyMap<string, string> | undefined,
): BootModulePlan {
  const wanted = BOOT_MODULES.filter(([option]) => config === undefined || config.get(option) === 'm');
  const names: string[] = [];
  const visit = (name: string): void => {
    if (names.includes(name) || index === undefined || !index.has(name)) return;
    visiting.add(name);
    for (const needed of index.dependenciesOf(name)) if (!visiting.has(needed)) visit(needed);
    visiting.delete(name);
    names.push(name);
  };
  const visiting = new Set<string>();
  for (const [, name] of wanted) visit(name);
  const missing =
    config === undefined ? [] : wanted.map(([, name]) => name).filter((name) => !names.includes(name));
  return { names, missing };
}

/** Files that decide about boot modules, with size and time: what a key needs to know about a directory of modules. */
export function moduleStamps(index: ModuleIndex): string[] {
  const { names } = planBootModules(index, undefined);
  return names.map((name) => {
    const stat = statSync(join(index.dir, index.fileOf(name)));
    return `${index.fileOf(name)} ${stat.size} ${stat.mtimeMs}`;
  });
}

/** Reads depmod's modules.dep, or the modules.order of a built tree; undefined when the directory has neither. */
export function readModuleIndex(dir: string): ModuleIndex | undefined {
  const names = readdirSync(dir);
  if (names.includes('modules.dep'))
    return fromModulesDep(dir, readFileSync(join(dir, 'modules.dep'), 'utf8'));
  if (names.includes('modules.order'))
    return fromModulesOrder(dir, readFileSync(join(dir, 'modules.order'), 'utf8'));
  return undefined;
}

/** `kernel/fs/a.ko.xz: kernel/lib/b.ko.xz kernel/lib/c.ko.xz`, see modules.dep(5). */
function fromModulesDep(dir: string, text: string): ModuleIndex {
  const files = new Map<string, string>();
  const needs = new Map<string, readonly string[]>();
  for (const match of text.matchAll(/^([^:\n]+):(.*)$/gm)) {
    const file = match[1] as string;
    files.set(moduleName(file), file);
    needs.set(moduleName(file), (match[2] as string).split(' ').filter(Boolean).map(moduleName));
  }
  return index(dir, files, (name) => needs.get(name) ?? []);
}

/** One object a line, relative to the tree; kernels before 5.19 put `kernel/` before it, and 6.x end it in `.o`. */
function fromModulesOrder(dir: string, text: string): ModuleIndex {
  const files = new Map<string, string>();
  for (const line of text.split('\n').filter((item) => item !== '')) {
    const file = line.replace(/\.o$/, '.ko');
    const candidates = [file, file.replace(/^kernel\//, '')];
    const found = candidates.find((path) => statSync(join(dir, path), { throwIfNoEntry: false })?.isFile());
    if (found !== undefined) files.set(moduleName(found), found);
  }
  return index(dir, files, (name) => dependenciesInside(join(dir, files.get(name) as string)));
}

function index(
  dir: string,
  files: Map<string, string>,
  needs: (name: string) => readonly string[],
): ModuleIndex {
  return {
    dir,
    has: (name) => files.has(name),
    fileOf: (name) => files.get(name) as string,
    dependenciesOf: needs,
  };
}

/** `fs/9p/9p.ko.xz` → `9p`. */
export function moduleName(file: string): string {
  return basename(file)
    .replace(/\.ko(\.\w+)?$/, '')
    .replaceAll('-', '_');
}

/** What an uncompressed module says itself: `depends=a,b` in its section .modinfo. */
function dependenciesInside(file: string): string[] {
  using source = openFileSource(file);
  const info = readSection(source, readElf(source), '.modinfo', 2 ** 20)?.toString('latin1') ?? '';
  const depends = info.split('\0').find((item) => item.startsWith('depends='));
  return (depends?.slice('depends='.length) ?? '')
    .split(',')
    .filter(Boolean)
    .map((name) => name.replaceAll('-', '_'));
}
