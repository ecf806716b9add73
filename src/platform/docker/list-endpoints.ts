import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../../core/failure.ts';
import { currentUser } from '../current-user.ts';
import {
  type DockerEndpoint,
  dockerConfigDir,
  parseEndpoint,
  readTls,
  tlsOfEnvironment,
} from './endpoint.ts';

type Env = Readonly<Record<string, string | undefined>>;

export interface EndpointChoice {
  /** In the order to try them. */
  readonly endpoints: readonly DockerEndpoint[];
  /** Whether the user named the daemon: then no other one is a substitute for it. */
  readonly isNamed: boolean;
}

/**
 * Where a daemon may be, as docker(1) finds it: DOCKER_HOST, else DOCKER_CONTEXT, else the current context; else the
 * usual sockets of Docker, rootless Docker and Podman. Throws `Failure` usage for a name that leads nowhere.
 */
export function listEndpoints(env: Env = process.env): EndpointChoice {
  if (env.DOCKER_HOST)
    return {
      isNamed: true,
      endpoints: [parseEndpoint(env.DOCKER_HOST, 'DOCKER_HOST', tlsOfEnvironment(env))],
    };
  const context = env.DOCKER_CONTEXT || currentContext(env);
  if (context !== undefined && context !== 'default')
    return { isNamed: true, endpoints: [contextEndpoint(context, env)] };
  return { isNamed: false, endpoints: usualSockets(env).map((socketPath) => ({ kind: 'unix', socketPath })) };
}

function usualSockets(env: Env): string[] {
  const home = env.HOME || homedir();
  const runtime = env.XDG_RUNTIME_DIR || `/run/user/${currentUser().uid}`;
  return [
    '/var/run/docker.sock',
    join(runtime, 'docker.sock'),
    join(home, '.docker', 'run', 'docker.sock'),
    join(home, '.docker', 'desktop', 'docker.sock'),
    '/run/podman/podman.sock',
    join(runtime, 'podman', 'podman.sock'),
  ];
}

function currentContext(env: Env): string | undefined {
  const { currentContext: name } = readJson(join(dockerConfigDir(env), 'config.json')) ?? {};
  return typeof name === 'string' && name !== '' ? name : undefined;
}

/** Contexts lie below the SHA-256 of their names. */
function contextEndpoint(name: string, env: Env): DockerEndpoint {
  const contexts = join(dockerConfigDir(env), 'contexts');
  const id = createHash('sha256').update(name).digest('hex');
  const from = `the Docker context "${name}"`;
  const meta = readJson(join(contexts, 'meta', id, 'meta.json')) as
    | { Endpoints?: { docker?: { Host?: unknown; SkipTLSVerify?: unknown } } }
    | undefined;
  const { Host: host, SkipTLSVerify: skipsVerify } = meta?.Endpoints?.docker ?? {};
  if (typeof host !== 'string' || host === '') {
    throw new Failure({
      kind: 'usage',
      code: 'docker-context',
      message: `There is no Docker context "${name}" in ${contexts}.`,
      hint: 'See `docker context ls`; DOCKER_CONTEXT, or currentContext in config.json, names it.',
    });
  }
  const tlsDir = join(contexts, 'tls', id, 'docker');
  const tls = existsSync(tlsDir) ? readTls(tlsDir, skipsVerify !== true) : undefined;
  return parseEndpoint(host, from, tls);
}

function readJson(file: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
