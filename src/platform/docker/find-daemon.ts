import { abortFailure, Failure } from '../../core/failure.ts';
import { type DockerEndpoint, endpointText } from './endpoint.ts';
import { type EndpointChoice, listEndpoints } from './list-endpoints.ts';
import { quickGet } from './quick-request.ts';

/** A place where no daemon answered, and why not. */
export interface MissedDaemon {
  readonly endpoint: DockerEndpoint;
  /** `no such socket`, `permission denied`, `no answer in 2 s`… */
  readonly why: string;
}

export interface FoundDaemon {
  /** The first that answered. */
  readonly endpoint?: DockerEndpoint;
  readonly missed: readonly MissedDaemon[];
  readonly isNamed: boolean;
}

/** A socket of this machine answers in milliseconds or is stuck; ssh has to log in first. */
const PATIENCE_MS = { unix: 2000, tcp: 3000, ssh: 20_000 } as const;

export interface FindDaemonOptions {
  readonly signal?: AbortSignal | undefined;
  readonly choice?: EndpointChoice;
}

/** Asks the daemons that there may be, one after the other, and takes the first that answers. */
export async function findDaemon({
  signal,
  choice = listEndpoints(),
}: FindDaemonOptions = {}): Promise<FoundDaemon> {
  const missed: MissedDaemon[] = [];
  for (const endpoint of choice.endpoints) {
    const why = await pingDaemon(endpoint, signal);
    if (why === undefined) return { endpoint, missed, isNamed: choice.isNamed };
    missed.push({ endpoint, why });
  }
  return { missed, isNamed: choice.isNamed };
}

/** Undefined when a daemon answers there; else why not. */
export async function pingDaemon(
  endpoint: DockerEndpoint,
  signal?: AbortSignal,
  patienceMs: number = PATIENCE_MS[endpoint.kind],
): Promise<string | undefined> {
  if (signal?.aborted) throw abortFailure(signal);
  const timeout = AbortSignal.timeout(patienceMs);
  try {
    const { status, body } = await quickGet(
      endpoint,
      '/_ping',
      signal ? AbortSignal.any([signal, timeout]) : timeout,
    );
    if (status === 200) return undefined;
    return `it answers with HTTP status ${status}: ${body.trim().slice(0, 200)}`;
  } catch (error) {
    if (signal?.aborted) throw abortFailure(signal);
    if (timeout.aborted) return `no answer in ${patienceMs / 1000} s`;
    return reason(error as NodeJS.ErrnoException);
  }
}

function reason(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ENOENT':
      return 'no such socket';
    case 'EACCES':
      return 'permission denied';
    case 'ECONNREFUSED':
      return 'nobody listens there';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'there is no host of that name';
    default:
      return error.message.trim().replace(/\.$/, '').slice(0, 300);
  }
}

/** What to say when Docker was asked for and no daemon answered: every place that was looked at, and what to do. */
export function notReachable({ missed, isNamed }: FoundDaemon): Failure {
  const denied = missed.some(({ why }) => why === 'permission denied');
  const start = 'Start it (sudo systemctl start docker; sudo apt-get install docker.io where there is none)';
  const rights = `Join the group that may use it (sudo usermod -aG docker $USER) and log in again`;
  const elsewhere = isNamed ? 'correct DOCKER_HOST or the Docker context' : 'set DOCKER_HOST';
  return new Failure({
    kind: 'host',
    code: 'docker-not-reachable',
    message: 'No Docker daemon could be reached.',
    evidence: missed.map(({ endpoint, why }) => `${endpointText(endpoint)}: ${why}`),
    hint: `${denied ? rights : start}, ${elsewhere}, or build without Docker: --builder embedded.`,
  });
}
