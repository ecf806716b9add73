import type { ContainerCreateOptions, MountSettings } from 'dockerode';
import { passingLabels } from './labels.ts';

export interface ContainerSpec {
  readonly image: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** `UID:GID`; nobody is root inside. */
  readonly user: string;
  /** How the engine maps users, for those that need to be told. */
  readonly userns?: string | undefined;
  readonly network: boolean;
  readonly limits?: { readonly cpus?: number; readonly memoryBytes?: number } | undefined;
  readonly mounts: readonly ContainerMount[];
  /** Whether the engine has an init to be PID 1; a shell does what it can where not. */
  readonly hasInit?: boolean;
  /** For files to be copied in with an owner, before the start. Nobody inside can write to it all the same. */
  readonly hasWritableRoot?: boolean;
}

export interface ContainerMount {
  readonly type: 'bind' | 'volume';
  /** A directory of the daemon's machine, or a volume's name. Empty: a volume that goes with the container. */
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
}

/** Fresh, empty and writable, as in the embedded build root. */
const SCRATCH = { '/tmp': '1777', '/run': '0755', '/mnt': '0755' } as const;
const SCRATCH_OPTIONS = 'rw,exec,nosuid,nodev';
/** Enough for make with hundreds of jobs, and an end to a runaway one. */
const PROCESSES = 16_384;
const OPEN_FILES = 16_384;

/** Waits for its child and so reaps what is orphaned. A shell gives /dev/null to what it does not wait for, hence the 4. */
const SHELL_INIT = 'trap "exit 143" TERM; exec 4<&0; "$@" <&4 4<&- & exec 4<&-; wait $!';

/**
 * What every container of ours is: an ordinary user without capabilities, who cannot get any, in a read-only image,
 * without network unless it was asked for; PID 1 is an init that reaps what is orphaned. The program's standard input
 * stays open as long as devbox holds the connection.
 */
export function containerOptions(spec: ContainerSpec): ContainerCreateOptions {
  const { memoryBytes, cpus } = spec.limits ?? {};
  const { hasInit = true } = spec;
  return {
    Image: spec.image,
    Entrypoint: [],
    Cmd: hasInit ? [...spec.argv] : ['sh', '-c', SHELL_INIT, 'init', ...spec.argv],
    Env: Object.entries(spec.env).map(([name, value]) => `${name}=${value}`),
    WorkingDir: spec.cwd,
    User: spec.user,
    Labels: passingLabels(),
    Tty: false,
    OpenStdin: true,
    StdinOnce: true,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    NetworkDisabled: !spec.network,
    HostConfig: {
      Mounts: spec.mounts.map(mountSettings),
      Tmpfs: Object.fromEntries(
        Object.entries(SCRATCH).map(([dir, mode]) => [dir, `${SCRATCH_OPTIONS},mode=${mode}`]),
      ),
      ReadonlyRootfs: spec.hasWritableRoot !== true,
      NetworkMode: spec.network ? 'default' : 'none',
      CapDrop: ['ALL'],
      // The second: on SELinux a bind mount could otherwise not be read without relabelling the user's files.
      SecurityOpt: ['no-new-privileges', 'label=disable'],
      Init: hasInit,
      PidsLimit: PROCESSES,
      Ulimits: [
        { Name: 'nofile', Soft: OPEN_FILES, Hard: OPEN_FILES },
        { Name: 'core', Soft: 0, Hard: 0 },
      ],
      // devbox reads the output itself and keeps all of it.
      LogConfig: { Type: 'none', Config: {} },
      ...(spec.userns !== undefined && { UsernsMode: spec.userns }),
      ...(cpus !== undefined && { NanoCpus: Math.round(cpus * 1e9) }),
      // As much swap as memory means: none.
      ...(memoryBytes !== undefined && { Memory: memoryBytes, MemorySwap: memoryBytes }),
    },
  };
}

function mountSettings({ type, source, target, readOnly }: ContainerMount): MountSettings {
  return {
    Type: type,
    Source: source,
    Target: target,
    ReadOnly: readOnly,
    ...(type === 'bind' && { BindOptions: { Propagation: 'rprivate' } }),
  };
}
