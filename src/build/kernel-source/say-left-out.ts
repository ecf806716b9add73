import { submodulesIn } from './index-listing.ts';
import type { SourceContext } from './source.ts';

const NAMED = 5;

/** Says which repositories within a source are no part of what is built. `listing` is what git prints with `-z`. */
export function sayLeftOut(what: string, listing: Buffer, { emit }: Pick<SourceContext, 'emit'>): void {
  const submodules = submodulesIn(listing);
  if (submodules.length === 0) return;
  const more = submodules.length > NAMED ? ` and ${submodules.length - NAMED} more` : '';
  emit({
    type: 'notice',
    level: 'warning',
    message: `${what} has Git repositories within it that are left out: ${submodules.slice(0, NAMED).join(', ')}${more}.`,
    hint: 'A build that needs their files has to find them in the repository itself: copy them there without their .git.',
  });
}
