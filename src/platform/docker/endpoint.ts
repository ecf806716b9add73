import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../../core/failure.ts';

/** How a Docker daemon, or Podman's service that speaks like one, is reached. */
export type DockerEndpoint = {
  /** Who named it, for people: `DOCKER_HOST`, `the Docker context "lab"`; nothing for the usual sockets. */
  readonly from?: string;
} & (
  | { readonly kind: 'unix'; readonly socketPath: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly tls?: DockerTls }
  /** `destination` is for ssh(1), and so is all that its configuration says. */
  | {
      readonly kind: 'ssh';
      readonly destination: string;
      readonly port?: number;
      readonly socketPath?: string;
    }
);

/** Contents of PEM files. */
export interface DockerTls {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  /** Whether the daemon's certificate must be the CA's. */
  readonly verify: boolean;
}

type Env = Readonly<Record<string, string | undefined>>;

const PORT = 2375;
const TLS_PORT = 2376;

/** A daemon as DOCKER_HOST and contexts name it. Throws `Failure` usage/docker-host for what is none. */
export function parseEndpoint(text: string, from: string, tls?: DockerTls): DockerEndpoint {
  if (text.startsWith('unix://')) {
    return { from, kind: 'unix', socketPath: text.slice('unix://'.length) || '/var/run/docker.sock' };
  }
  if (text.startsWith('/')) return { from, kind: 'unix', socketPath: text };
  const url = URL.parse(/^\w+:\/\//.test(text) ? text : `tcp://${text}`);
  const scheme = url?.protocol.slice(0, -1);
  if (url && url.hostname !== '' && (scheme === 'tcp' || scheme === 'http' || scheme === 'https')) {
    const withTls = tls ?? (scheme === 'https' ? { verify: true } : undefined);
    const port = Number(portOf(text) ?? (withTls ? TLS_PORT : PORT));
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
    return { from, kind: 'tcp', host, port, ...(withTls && { tls: withTls }) };
  }
  if (url && url.hostname !== '' && scheme === 'ssh' && !/^-/.test(url.hostname)) {
    const user = url.username === '' ? '' : `${decodeURIComponent(url.username)}@`;
    return {
      ...{ from, kind: 'ssh', destination: `${user}${url.hostname}` },
      ...(url.port !== '' && { port: Number(url.port) }),
      ...(url.pathname.length > 1 && { socketPath: url.pathname }),
    };
  }
  throw new Failure({
    kind: 'usage',
    code: 'docker-host',
    message: `${from} names the Docker daemon "${text}", which devbox cannot read.`,
    hint: 'Use unix:///path/to/docker.sock, tcp://host:2376 or ssh://user@host.',
  });
}

/** URL leaves out a port that is its scheme's own. */
function portOf(text: string): string | undefined {
  return /^(?:\w+:\/\/)?(?:[^/@]*@)?(?:\[[^\]]*\]|[^/:]*):(\d+)/.exec(text)?.[1];
}

/** What DOCKER_TLS_VERIFY and DOCKER_CERT_PATH say. Undefined: no TLS. */
export function tlsOfEnvironment(env: Env): DockerTls | undefined {
  const verify = (env.DOCKER_TLS_VERIFY ?? '') !== '';
  const isOn = verify || (env.DOCKER_TLS ?? '') !== '' || (env.DOCKER_CERT_PATH ?? '') !== '';
  if (!isOn) return undefined;
  return readTls(env.DOCKER_CERT_PATH || dockerConfigDir(env), verify);
}

export function readTls(dir: string, verify: boolean): DockerTls {
  const read = (name: string) => {
    try {
      return readFileSync(join(dir, name));
    } catch {
      return undefined;
    }
  };
  const [ca, cert, key] = ['ca.pem', 'cert.pem', 'key.pem'].map(read);
  return { verify, ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
}

export function dockerConfigDir(env: Env): string {
  return env.DOCKER_CONFIG || join(env.HOME || homedir(), '.docker');
}

/** As people write it: `unix:///run/docker.sock (DOCKER_HOST)`. */
export function endpointText(endpoint: DockerEndpoint): string {
  const from = endpoint.from === undefined ? '' : ` (${endpoint.from})`;
  return `${endpointAddress(endpoint)}${from}`;
}

export function endpointAddress(endpoint: DockerEndpoint): string {
  switch (endpoint.kind) {
    case 'unix':
      return `unix://${endpoint.socketPath}`;
    case 'tcp':
      return `tcp://${endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host}:${endpoint.port}`;
    case 'ssh':
      return `ssh://${endpoint.destination}${endpoint.port === undefined ? '' : `:${endpoint.port}`}${endpoint.socketPath ?? ''}`;
  }
}
