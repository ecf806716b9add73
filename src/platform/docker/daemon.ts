import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type Dockerode from 'dockerode';
import { abortFailure, Failure } from '../../core/failure.ts';
import { sshAgent } from './dial-ssh.ts';
import { type DockerEndpoint, endpointAddress, endpointText } from './endpoint.ts';

/** A daemon that answered, and a client for it. Disposing of it breaks its connections off; it can be used all the same. */
export interface Daemon extends Disposable {
  readonly endpoint: DockerEndpoint;
  readonly client: Dockerode;
  /**
   * One exchange with the daemon, `what` for people (`create a container`), given up after a minute. Throws `Failure`
   * infrastructure/docker-lost when the daemon went away, build/docker-refused when it said no; see `statusOf`.
   */
  call<T>(what: string, work: (signal: AbortSignal) => Promise<T>, options?: CallOptions): Promise<T>;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly patienceMs?: number;
}

const PATIENCE_MS = 60_000;

/** The client takes a tenth of a second to load, so nobody loads it who does not use it. */
export async function connectDaemon(endpoint: DockerEndpoint): Promise<Daemon> {
  const { default: Client } = await import('dockerode');
  const { agent, ...options } = clientOptions(endpoint);
  // The client hands an agent on, though its types do not know of it.
  const client = new Client({ ...options, agent } as unknown as Dockerode.DockerOptions);
  return {
    endpoint,
    client,
    call: async (what, work, { signal, patienceMs = PATIENCE_MS } = {}) => {
      if (signal?.aborted) throw abortFailure(signal);
      const timeout = AbortSignal.timeout(patienceMs);
      const limit = signal ? AbortSignal.any([signal, timeout]) : timeout;
      try {
        return await Promise.race([work(limit), rejectOnAbort(limit)]);
      } catch (error) {
        if (signal?.aborted) throw abortFailure(signal);
        if (error instanceof Failure) throw error;
        if (timeout.aborted) throw daemonLost(endpoint, what, `no answer in ${patienceMs / 1000} s`, error);
        throw dockerFailure(endpoint, what, error);
      }
    },
    [Symbol.dispose]: () => agent.destroy(),
  };
}

/** Every field is given, since what is not the client takes from DOCKER_HOST. */
function clientOptions(endpoint: DockerEndpoint) {
  const none = {
    host: undefined,
    port: undefined,
    socketPath: undefined,
    ca: undefined,
    cert: undefined,
    key: undefined,
  };
  switch (endpoint.kind) {
    case 'unix':
      return { ...none, protocol: 'http', socketPath: endpoint.socketPath, agent: new HttpAgent() };
    case 'tcp': {
      const { verify, ...pem } = endpoint.tls ?? { verify: false };
      const agent = endpoint.tls ? new HttpsAgent({ rejectUnauthorized: verify, ...pem }) : new HttpAgent();
      const protocol = endpoint.tls ? 'https' : 'http';
      return { ...none, ...pem, protocol, host: endpoint.host, port: endpoint.port, agent };
    }
    case 'ssh':
      return { ...none, protocol: 'http', host: 'docker', port: 80, agent: sshAgent(endpoint) };
  }
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/** The HTTP status with which the daemon refused; undefined when it did not. */
export function statusOf(error: unknown): number | undefined {
  const cause = error instanceof Failure ? error.cause : error;
  return (cause as { statusCode?: number } | undefined)?.statusCode;
}

function dockerFailure(endpoint: DockerEndpoint, what: string, error: unknown): Failure {
  if (statusOf(error) === undefined) return daemonLost(endpoint, what, (error as Error).message, error);
  return new Failure({
    kind: 'build',
    code: 'docker-refused',
    message: `The Docker daemon at ${endpointAddress(endpoint)} would not ${what}: ${refusal(error)}.`,
    hint: 'Its own log says more; --builder embedded builds without Docker.',
    cause: error,
  });
}

/** What the daemon said, without what the client puts around it. */
export function refusal(error: unknown): string {
  const said = (error as { json?: { message?: string } }).json?.message ?? (error as Error).message;
  return said.trim().replace(/\.$/, '').slice(0, 1000);
}

export function daemonLost(endpoint: DockerEndpoint, what: string, why: string, cause?: unknown): Failure {
  return new Failure({
    kind: 'infrastructure',
    code: 'docker-lost',
    message: `The Docker daemon at ${endpointText(endpoint)} went away while devbox wanted to ${what}: ${why.trim().replace(/\.$/, '')}.`,
    hint: 'See that it runs (docker info) and try again; or build without Docker: --builder embedded.',
    cause,
  });
}
