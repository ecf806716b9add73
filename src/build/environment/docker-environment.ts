import { totalmem } from 'node:os';
import type { Emit } from '../../core/event.ts';
import { abortFailure, Failure } from '../../core/failure.ts';
import { formatBytes } from '../../core/units.ts';
import { guarded } from '../../platform/child.ts';
import { currentUser } from '../../platform/current-user.ts';
import { type ContainerManner, containerManner } from '../../platform/docker/container-manner.ts';
import type { Daemon } from '../../platform/docker/daemon.ts';
import { runContainer } from '../../platform/docker/run-container.ts';
import { openLoggedOutput } from '../logged-output.ts';
import { rootEnvironment } from '../root/root-command.ts';
import { type DaemonFacts, limitsAt } from './daemon-facts.ts';
import type { BuiltImage } from './docker-image.ts';
import type { BuildEnvironment, EnvironmentCommand } from './environment.ts';
import type { Owner } from './give-directory.ts';
import { placeMounts } from './place-mounts.ts';

export interface Connected {
  readonly daemon: Daemon;
  readonly facts: DaemonFacts;
}

export interface DockerEnvironmentOptions {
  /** Asked for only when something is run. */
  readonly connect: () => Promise<Connected>;
  readonly image: Pick<BuiltImage, 'id' | 'toolchain'>;
  readonly emit: Emit;
}

/** Whom root's builds belong to: an id that Debian and systemd give to nobody. */
const BUILDER = 61_000;

/** Who a command is inside: whoever runs devbox, so that what it leaves is theirs; never root. */
export function commandOwner({ uid, gid }: Owner = currentUser()): Owner {
  return uid === 0 ? { uid: BUILDER, gid: BUILDER } : { uid, gid };
}

export function dockerEnvironment({ connect, image, emit }: DockerEnvironmentOptions): BuildEnvironment {
  const owner = commandOwner();
  let manner: Promise<ContainerManner> | undefined;
  const mannerOf = (connected: Connected, signal: AbortSignal | undefined) => {
    manner ??= askManner(connected, { image: image.id, owner, emit, signal }).catch((error) => {
      manner = undefined; // Cancelled: the next one asks again.
      throw error;
    });
    return manner;
  };
  return {
    builder: 'docker',
    toolchain: image.toolchain,
    image: image.id,
    run: async (command) => {
      const { signal, title } = command;
      if (signal?.aborted) throw abortFailure(signal);
      const connected = await connect();
      const { daemon, facts } = connected;
      await using output = openLoggedOutput(command);
      const { sharesFiles, hasInit } = await mannerOf(connected, signal);
      const place = { daemon, image: image.id, owner, isShared: sharesFiles, signal };
      const { mounts, hasWritableRoot, prepare, collect } = await placeMounts(command.mounts, place);
      const spec = {
        image: image.id,
        // The first process of a container takes no SIGKILL from inside.
        argv: ['sh', '-c', guarded('TERM'), command.name, ...command.argv],
        env: commandEnvironment(command),
        cwd: command.cwd ?? '/',
        user: `${owner.uid}:${owner.gid}`,
        userns: facts.userns,
        network: command.network ?? false,
        limits: limitsAt(facts, command.limits),
        mounts,
        hasWritableRoot,
        hasInit,
      };
      const what = `run "${title}"`;
      const { code, isOutOfMemory } = await runContainer(daemon, spec, {
        ...{ what, sink: output, signal, prepare, collect },
      });
      if (isOutOfMemory && code !== 0) throw outOfMemory(command, output.log, output.evidence());
      return output.end({ code });
    },
  };
}

async function askManner(
  { daemon, facts }: Connected,
  {
    image,
    owner,
    emit,
    signal,
  }: { image: string; owner: Owner; emit: Emit; signal: AbortSignal | undefined },
): Promise<ContainerManner> {
  const manner = await containerManner(daemon, {
    ...{ daemonId: facts.id, image, user: owner, userns: facts.userns, signal },
  });
  if (!manner.sharesFiles) {
    emit({
      type: 'notice',
      level: 'info',
      message:
        "The Docker daemon does not see this machine's files: sources are copied to it and artifacts back.",
    });
  }
  return manner;
}

function commandEnvironment({ argv, network, env }: EnvironmentCommand): Record<string, string> {
  return rootEnvironment({ argv, ...(network && { network }), ...(env && { env }) });
}

export function outOfMemory(
  { title, limits }: EnvironmentCommand,
  log: string,
  evidence: readonly string[],
): Failure {
  const limit = limits?.memoryBytes;
  const had =
    limit === undefined ? `the machine's ${formatBytes(totalmem())}` : `its limit of ${formatBytes(limit)}`;
  return new Failure({
    kind: 'build',
    code: 'out-of-memory',
    message: `${title} ran out of memory: the kernel killed a process of it that went over ${had}.`,
    evidence,
    hint:
      limit === undefined
        ? 'Use fewer jobs, or a machine with more memory.'
        : `Give it more, say ${formatBytes(2 * limit)}, or use fewer jobs.`,
    log,
  });
}
