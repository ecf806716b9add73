import type { Store } from '../../platform/store.ts';

/** How many objects the last build of a kernel of this name compiled; undefined when there was none. */
export function objectsOfLastBuild(name: string, store: Store): number | undefined {
  const builds = store.list().filter(({ kind, meta }) => kind === 'kernel' && meta.name === name);
  const last = builds.toSorted((a, b) => a.createdAt.localeCompare(b.createdAt)).at(-1);
  return typeof last?.meta.objects === 'number' ? last.meta.objects : undefined;
}
