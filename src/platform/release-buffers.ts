import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

type Collect = (options: { readonly type: 'minor' }) => void;

let collect: Collect | undefined;

/**
 * Gives back what went by in the last moments; a millisecond. For loops that have a lot of data go through buffers and
 * make little else: V8 looks at the heap by how much was made there, and would let tens of megabytes of buffers pile up.
 */
export function releaseBuffers(): void {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as Collect;
  }
  collect({ type: 'minor' });
}
