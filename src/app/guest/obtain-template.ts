import { Failure } from '../../core/failure.ts';
import { openStore } from '../../platform/store.ts';
import type { ReadyVm } from '../../vm/running-vm.ts';
import { readTemplate, type Template } from '../../vm/template.ts';
import { Kept, Lost, makeTemplate, type TemplateOptions } from './make-template.ts';

/** What a run has after it asked for a template. */
export type Obtained =
  | { readonly kind: 'template'; readonly template: Template; readonly booted: boolean }
  /** A machine that was to become one, and runs on. */
  | { readonly kind: 'machine'; readonly machine: ReadyVm; readonly why: string }
  /** Neither. */
  | { readonly kind: 'nothing'; readonly why: string };

export const TEMPLATE_KIND = 'template';
/** What templates may take in the store, bytes: the least recently used go. One has some 90 MB, or 220 with an agent waiting in it. */
const KEEP_BYTES = 4 * 2 ** 30;
const NEEDED_BYTES = 256 * 2 ** 20;

/**
 * Looks up the template of a machine, or boots the machine and freezes it. Rejects when the machine does not boot, or
 * dies, as `boot` does; whatever else is in the way is told in `why`.
 */
export async function obtainTemplate(options: TemplateOptions): Promise<Obtained> {
  const { key, context } = options;
  const { signal } = context;
  const store = openStore();
  // Another run may be making it, and may take long or never be done: we do not wait for it.
  const busy = new AbortController();
  try {
    const { entry, cached } = await store.obtain({
      ...{ kind: TEMPLATE_KIND, key, needs: NEEDED_BYTES },
      make: (dir) => makeTemplate(options, dir),
      signal: AbortSignal.any([signal, busy.signal]),
      onWait: () => busy.abort(inTheMaking()),
    });
    if (!cached) await store.gc({ kind: TEMPLATE_KIND, keepBytes: KEEP_BYTES, signal });
    return { kind: 'template', template: readTemplate(entry.dir), booted: !cached };
  } catch (error) {
    if (error instanceof Kept) return { kind: 'machine', machine: error.machine, why: error.message };
    if (error instanceof Lost) throw error.cause;
    if (signal.aborted) throw error;
    return { kind: 'nothing', why: (error as Error).message };
  }
}

function inTheMaking(): Failure {
  return new Failure({
    kind: 'infrastructure',
    code: 'template-in-the-making',
    message: 'another run is booting the same guest',
  });
}
