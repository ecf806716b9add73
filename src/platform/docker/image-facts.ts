import type { Daemon } from './daemon.ts';
import { statusOf } from './daemon.ts';
import type { DockerEndpoint } from './endpoint.ts';
import { quickGet } from './quick-request.ts';

export interface ImageFacts {
  /** `sha256:…` */
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
}

interface Inspected {
  readonly Id?: string;
  readonly Config?: { readonly Labels?: Readonly<Record<string, string>> | null } | null;
}

/** What a daemon knows of an image, without loading a client; undefined when it has none of that name. */
export async function quickImageFacts(
  endpoint: DockerEndpoint,
  image: string,
  signal: AbortSignal,
): Promise<ImageFacts | undefined> {
  const { status, body } = await quickGet(endpoint, `/images/${image}/json`, signal);
  if (status !== 200) return undefined;
  return facts(JSON.parse(body) as Inspected);
}

export async function imageFacts(
  daemon: Daemon,
  image: string,
  signal?: AbortSignal,
): Promise<ImageFacts | undefined> {
  try {
    return facts(
      await daemon.call('look at an image', () => daemon.client.getImage(image).inspect(), { signal }),
    );
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

function facts({ Id: id, Config: config }: Inspected): ImageFacts | undefined {
  return id === undefined ? undefined : { id, labels: config?.Labels ?? {} };
}
