import type { KernelDefinition } from '../../core/kernel-definition.ts';
import { keyOf } from '../../platform/store-key.ts';
import { configLine, mergeRequests } from '../kconfig/parse-fragment.ts';
import type { ConfigRequest } from '../kconfig/request.ts';

/** Raised when the same inputs would give other bytes than before. */
const RECIPE = 2;

interface KeyParts {
  readonly definition: Pick<KernelDefinition, 'base' | 'make'>;
  readonly requests: readonly ConfigRequest[];
  readonly sourceKey: string;
  readonly toolchainDigest: string;
}

/**
 * What decides the configuration. The last request for an option counts, wherever it is written; their order does
 * matter, since of a choice's members the last one wins.
 */
export function configKey({ definition, requests, sourceKey, toolchainDigest }: KeyParts): string {
  const { base, make } = definition;
  const options = mergeRequests(requests).map(configLine);
  return keyOf({ recipe: RECIPE, source: sourceKey, toolchain: toolchainDigest, base, make, options });
}

/** What decides every byte of the kernel. The builder is not part of it: Docker and embedded give the same. */
export function kernelKey(parts: KeyParts): string {
  return keyOf({ recipe: RECIPE, built: configKey(parts) });
}
