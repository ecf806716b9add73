import type { Emit } from '../core/event.ts';

/** What the user is told when an artifact is damaged, or another devbox is just making it. */
export function storeCallbacks(what: string, emit: Emit, progress: (detail: string) => void) {
  return {
    onDamage: (damage: string) =>
      emit({
        type: 'notice',
        level: 'warning',
        message: `The ${what} in the store is damaged (${damage}): making it anew.`,
      }),
    onWait: () => progress('another devbox is making it: waiting for that'),
  };
}
