import { resolveDebianSource } from './debian-source.ts';
import { resolveGit } from './git-source.ts';
import type { ResolveSource } from './source.ts';
import { resolveTarball } from './tarball-source.ts';
import { resolveTree } from './tree-source.ts';

/** Finds out which bytes a source comes to now, or as `context.pin` says. Asks the network only where it must. */
export const resolveSource: ResolveSource = (spec, context) => {
  switch (spec.kind) {
    case 'debian-source':
      return resolveDebianSource(spec, context);
    case 'git':
      return resolveGit(spec, context);
    case 'tarball':
      return resolveTarball(spec, context);
    case 'tree':
      return resolveTree(spec, context);
    default: {
      const never: never = spec;
      throw new Error(`no such source: ${JSON.stringify(never)}`);
    }
  }
};
