import { existsSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { freeRange, hasSubordinateIds } from '../../build/root/debootstrap-mode.ts';
import { runChild } from '../../platform/child.ts';
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

const DOCKER_MS = 2000;

/** Docker is a choice, never a need: the embedded build environment does the same. */
export async function checkDocker({ signal }: CheckContext): Promise<Check> {
  const socket = '/var/run/docker.sock';
  const answers = existsSync(socket) && (await pings(socket, signal));
  const what = answers
    ? 'a Docker daemon answers'
    : 'no Docker daemon; the embedded one (mmdebstrap and bubblewrap) is used';
  return ok('build-environment', 'Build environment', what, false);
}

function pings(socketPath: string, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(DOCKER_MS)]);
    const asked = request({ socketPath, path: '/_ping', signal: limit }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asked.on('error', () => resolve(false));
    asked.end();
  });
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
