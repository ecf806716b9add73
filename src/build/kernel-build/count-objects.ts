import { readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import type { Store } from '../../platform/store.ts';
import { type KbuildLists, readKbuild } from './read-kbuild.ts';

/** How many objects the last build of a kernel of this name compiled; undefined when there was none. */
export function objectsOfLastBuild(name: string, store: Store): number | undefined {
  const builds = store.list().filter(({ kind, meta }) => kind === 'kernel' && meta.name === name);
  const last = builds.toSorted((a, b) => a.createdAt.localeCompare(b.createdAt)).at(-1);
  return typeof last?.meta.objects === 'number' ? last.meta.objects : undefined;
}

/** Makefiles whose directories are named from the top of the tree. */
const FROM_TOP = ['Kbuild', 'Makefile', 'arch/x86/Makefile'];
/** What else of a kernel is compiled, though no list of objects leads there. */
const ASIDE = ['arch/x86/boot', 'arch/x86/boot/compressed', 'arch/x86/realmode/rm', 'arch/x86/entry/vdso'];

/**
 * About how many objects a configuration has compiled, for a progress bar: read from the tree's Kbuild files in some
 * hundredths of a second, where `make -n` takes as long as a hundred objects. Undefined for a tree that is laid out
 * otherwise.
 */
export function estimateObjects(dir: string, config: string): number | undefined {
  const values = new Map(
    [...config.matchAll(/^(CONFIG_\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]),
  );
  const objects = new Set<string>();
  const seen = new Set<string>();
  const read = (path: string, manner = {}): KbuildLists | undefined => {
    try {
      return readKbuild(readFileSync(join(dir, path), 'utf8'), values, manner);
    } catch {
      return undefined;
    }
  };
  const add = (place: string, lists: KbuildLists) => {
    for (const word of objectsIn(lists)) objects.add(normalize(join(place, word)));
    for (const word of directoriesIn(lists)) visit(normalize(join(place, word)));
  };
  const visit = (place: string) => {
    if (seen.has(place)) return;
    seen.add(place);
    const lists = read(join(place, 'Kbuild')) ?? read(join(place, 'Makefile'));
    if (lists) add(place, lists);
  };
  for (const path of FROM_TOP) add('', read(path, { allSides: true }) ?? new Map());
  for (const place of ASIDE) visit(`${place}/`);
  return objects.size > 0 ? objects.size : undefined;
}

const isBuilt = (name: string) => /-(y|m|objs)$/.test(name);

/** An object that is linked of others is not compiled: they are. */
function objectsIn(lists: KbuildLists): string[] {
  const wanted = [...lists].filter(([name]) => /^(obj|lib)-[ym]$/.test(name)).flatMap(([, words]) => words);
  const aside = [...lists].filter(([name]) => /^(setup|vmlinux-objs|realmode|vobjs)-y$/.test(name));
  return [...wanted, ...aside.flatMap(([, words]) => words)]
    .filter((word) => word.endsWith('.o'))
    .flatMap((word) => {
      const stem = word.slice(0, -2);
      const parts = [`${stem}-y`, `${stem}-objs`, `${stem}-m`].flatMap((name) => lists.get(name) ?? []);
      return parts.length > 0 ? parts.filter((part) => part.endsWith('.o')) : [word];
    });
}

function directoriesIn(lists: KbuildLists): string[] {
  return [...lists]
    .filter(([name]) => isBuilt(name))
    .flatMap(([, words]) => words.filter((word) => /^[\w./-]+\/$/.test(word)));
}
