import { existsSync, readFileSync } from 'node:fs';
import { freeRange, hasSubordinateIds } from '../../build/root/debootstrap-mode.ts';
import { Failure } from '../../core/failure.ts';
import { runChild } from '../../platform/child.ts';
import { endpointText } from '../../platform/docker/endpoint.ts';
import { type FoundDaemon, findDaemon, notReachable } from '../../platform/docker/find-daemon.ts';
import { findProgram } from '../../platform/find-program.ts';
import { REQUIREMENTS } from '../setup/requirements.ts';
import { type Check, type CheckContext, missing, ok, warning } from './check.ts';

/** Programs and files that are there or not. */
export function checkRequirement(id: string, { uid, installCommand }: CheckContext): Check {
  const requirement = REQUIREMENTS.find((candidate) => candidate.id === id);
  if (!requirement) throw new Error(`no requirement "${id}"`);
  const { title, isThere, isOptional } = requirement;
  if (isThere()) return ok(id, title, 'installed', !isOptional(uid));
  const install = installCommand([id]);
  return isOptional(uid)
    ? warning(id, title, 'not installed; root can do without', install)
    : missing(id, title, 'not installed', install);
}

/** That bubblewrap is there proves nothing: it needs user namespaces, which distributions and containers switch off. */
export async function checkBubblewrap(context: CheckContext): Promise<Check> {
  const installed = checkRequirement('bubblewrap', context);
  if (installed.status !== 'ok') return installed;
  const { exit, stderr } = await runChild({
    argv: [
      'bwrap',
      '--unshare-user',
      '--uid',
      '0',
      '--gid',
      '0',
      '--ro-bind',
      '/',
      '/',
      '--proc',
      '/proc',
      'true',
    ],
    signal: context.signal,
  });
  if (exit.code === 0) return ok('bubblewrap', 'bubblewrap', 'works', installed.required);
  const detail = `does not work: ${stderr.trim().split('\n').at(-1)}`;
  return context.uid === 0
    ? warning('bubblewrap', 'bubblewrap', `${detail}; root's builds try unshare instead`, namespacesFix())
    : missing('bubblewrap', 'bubblewrap', detail, namespacesFix());
}

function namespacesFix(): string {
  const says = (file: string, value: string) =>
    existsSync(file) && readFileSync(file, 'utf8').trim() === value;
  if (says('/proc/sys/kernel/apparmor_restrict_unprivileged_userns', '1')) {
    return 'sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0';
  }
  if (says('/proc/sys/kernel/unprivileged_userns_clone', '0'))
    return 'sudo sysctl -w kernel.unprivileged_userns_clone=1';
  if (says('/proc/sys/user/max_user_namespaces', '0')) return 'sudo sysctl -w user.max_user_namespaces=15000';
  return 'Allow user namespaces; in a container run it with --security-opt seccomp=unconfined --cap-add SYS_ADMIN';
}

/** An ordinary user makes a Debian root in a user namespace with a range of ids of its own. */
export function checkSubordinateIds(context: CheckContext): Check {
  const { uid, username } = context;
  if (uid === 0) return ok('subordinate-ids', 'Subordinate ids', 'root needs none', false);
  const tool = checkRequirement('newuidmap', context);
  if (tool.status !== 'ok') return tool;
  const lacking = [
    ['/etc/subuid', '--add-subuids'],
    ['/etc/subgid', '--add-subgids'],
  ].filter(([file]) => !hasSubordinateIds(read(file as string), username, uid));
  if (lacking.length === 0)
    return ok('subordinate-ids', 'Subordinate ids', `${username} has a range in /etc/subuid and /etc/subgid`);
  const options = lacking.map(([file, option]) => `${option} ${freeRange(read(file as string))}`);
  return missing(
    'subordinate-ids',
    'Subordinate ids',
    `${username} has no range of 65536 ids in ${lacking.map(([file]) => file).join(' and ')}`,
    `sudo usermod ${options.join(' ')} ${username}`,
  );
}

/** Docker is a choice, never a need: the embedded build environment does the same. */
export async function checkDocker({ signal }: CheckContext): Promise<Check> {
  const found = await findDocker(signal);
  if (typeof found === 'string') return warning('build-environment', TITLE, found, EMBEDDED);
  const { endpoint, missed, isNamed } = found;
  if (endpoint) {
    const where = `Docker at ${endpointText(endpoint)}; --builder embedded does without`;
    return ok('build-environment', TITLE, where, false);
  }
  const [first] = missed.filter(({ why }) => isNamed || why !== 'no such socket');
  if (first) {
    const detail = `the Docker daemon at ${endpointText(first.endpoint)} cannot be used (${first.why}): kernels are built in the embedded one`;
    return warning('build-environment', TITLE, detail, notReachable(found).hint ?? EMBEDDED);
  }
  const detail = 'the embedded one (mmdebstrap and bubblewrap); no Docker daemon, and none is needed';
  return ok('build-environment', TITLE, detail, false);
}

const TITLE = 'Build environment';
const EMBEDDED = 'Correct DOCKER_HOST or the Docker context, or use --builder embedded';

async function findDocker(signal: AbortSignal): Promise<FoundDaemon | string> {
  try {
    return await findDaemon({ signal });
  } catch (error) {
    if (error instanceof Failure && error.kind === 'usage') return error.message;
    throw error;
  }
}

export function checkApt(): Check {
  if (findProgram('apt-get') !== undefined) return ok('apt', 'apt', 'installed');
  return missing(
    'apt',
    'apt',
    'apt-get is not on PATH, and mmdebstrap works through it',
    'Install apt with your package manager',
  );
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
