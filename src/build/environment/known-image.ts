import { abortFailure } from '../../core/failure.ts';
import type { DockerEndpoint } from '../../platform/docker/endpoint.ts';
import { quickImageFacts } from '../../platform/docker/image-facts.ts';
import { LABEL } from '../../platform/docker/labels.ts';
import { noteImageUse } from '../../platform/docker/old-images.ts';
import type { BuiltImage } from './docker-image.ts';
import { parseToolchain } from './toolchain.ts';

const PATIENCE_MS = 10_000;

/** An image of ours that a daemon has, by its name or id: one question, and no client is loaded for it. */
export async function knownImage(
  endpoint: DockerEndpoint,
  name: string,
  signal: AbortSignal | undefined,
): Promise<Omit<BuiltImage, 'cached'> | undefined> {
  const patience = AbortSignal.timeout(PATIENCE_MS);
  const limit = signal ? AbortSignal.any([signal, patience]) : patience;
  const facts = await quickImageFacts(endpoint, name, limit).catch(() => {
    if (signal?.aborted) throw abortFailure(signal);
    return undefined; // It is asked again, and answered for, by whoever needs the image.
  });
  const toolchain = parseToolchain(facts?.labels[LABEL.packages]);
  if (!facts || !toolchain) return undefined;
  noteImageUse(facts.id);
  return { id: facts.id, toolchain };
}
