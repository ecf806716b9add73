import { readFileSync } from 'node:fs';
import type { KernelDefinition } from '../../core/kernel-definition.ts';
import { parseFragment, parseSet } from '../kconfig/parse-fragment.ts';
import type { ConfigRequest } from '../kconfig/request.ts';

/** All that a definition asks of the configuration, in order: a later line overrides an earlier one. */
export function readRequests({
  fragments,
  set,
}: Pick<KernelDefinition, 'fragments' | 'set'>): ConfigRequest[] {
  return [
    ...fragments.flatMap((file) => parseFragment(file, readFileSync(file, 'utf8'))),
    ...set.map(parseSet),
  ];
}
