import type { UntimedEvent } from '../../core/event.ts';
import type { BuiltSourceSpec, KernelDefinition } from '../../core/kernel-definition.ts';
import type { Store } from '../../platform/store.ts';

/**
 * What to say to someone who asks for a kernel by its name and has built it only from another source than its own: that
 * one is named by its key. Undefined when there is nothing to confuse.
 */
export function otherBuildsNotice(
  { name, source }: Pick<KernelDefinition, 'name'> & { readonly source: BuiltSourceSpec },
  store: Pick<Store, 'list'>,
): UntimedEvent | undefined {
  const own = placeOf(source);
  const builds = store
    .list()
    .filter(({ kind, damaged, meta }) => kind === 'kernel' && !damaged && meta.name === name);
  const others = builds.filter(({ meta }) => !String(meta.source).startsWith(own));
  const other = others.toSorted((a, b) => a.createdAt.localeCompare(b.createdAt)).at(-1);
  if (!other || others.length < builds.length) return undefined;
  return {
    type: 'notice',
    level: 'info',
    message: `${name} by its name alone is built from ${own}. The one that was built from ${other.meta.source} is --kernel ${other.key.slice(0, 12)}.`,
  };
}

/** What the title of a source begins with, whichever its version. */
function placeOf(source: BuiltSourceSpec): string {
  switch (source.kind) {
    case 'debian-source':
      return source.package;
    case 'git':
      return source.url;
    case 'tarball':
      return source.location;
    case 'tree':
      return source.path;
    default:
      return source satisfies never;
  }
}
