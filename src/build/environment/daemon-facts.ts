import { Failure } from '../../core/failure.ts';
import type { Daemon } from '../../platform/docker/daemon.ts';
import { endpointText } from '../../platform/docker/endpoint.ts';
import type { EnvironmentCommand } from './environment.ts';

/** What matters of a daemon before it builds anything. */
export interface DaemonFacts {
  /** Its own name for itself. */
  readonly id: string;
  /** For containers, where ids inside are not those outside unless it is told to keep them. */
  readonly userns?: string;
  /** Of its machine. */
  readonly cpus?: number;
}

interface Info {
  readonly ID?: string;
  readonly Name?: string;
  readonly NCPU?: number;
  readonly OSType?: string;
  readonly Architecture?: string;
  readonly SecurityOptions?: readonly string[] | null;
}

/** Throws `Failure` host/docker-platform when kernels for this machine cannot be built there. */
export async function daemonFacts(daemon: Daemon, signal: AbortSignal | undefined): Promise<DaemonFacts> {
  const info = (await daemon.call('tell what it is', () => daemon.client.info(), { signal })) as Info;
  const { OSType: os = 'linux', Architecture: architecture = 'x86_64' } = info;
  if (os !== 'linux' || !/^(x86_64|amd64)$/.test(architecture)) {
    throw new Failure({
      kind: 'host',
      code: 'docker-platform',
      message: `The Docker daemon at ${endpointText(daemon.endpoint)} runs ${os} containers on ${architecture}.`,
      hint: 'Kernels are built on x86-64 Linux: name another daemon, or use --builder embedded.',
    });
  }
  const isRootless = info.SecurityOptions?.some((option) => /name=rootless/.test(option)) ?? false;
  // Podman's service names nobody; only Podman knows keep-id.
  const isPodman = info.ID !== undefined && /^[0-9a-f-]{36}$/.test(info.ID) && isRootless;
  return {
    id: info.ID || info.Name || 'unknown',
    ...(isPodman && { userns: 'keep-id' }),
    ...(info.NCPU !== undefined && { cpus: info.NCPU }),
  };
}

/** What a command may use there: a daemon refuses to give more CPUs than it has, and all of them need no limit. */
export function limitsAt(
  { cpus }: Pick<DaemonFacts, 'cpus'>,
  limits: EnvironmentCommand['limits'],
): EnvironmentCommand['limits'] {
  if (limits?.cpus === undefined || cpus === undefined || limits.cpus < cpus) return limits;
  const { cpus: _, ...others } = limits;
  return others;
}
