import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../core/failure.ts';

/** The version that a kernel's Makefile gives it, `6.12.117` or `7.3.0-rc1`; throws `Failure` when `dir` holds no kernel. */
export function readKernelVersion(dir: string, what: string): string {
  const version = versionOf(read(join(dir, 'Makefile')));
  if (version === undefined) throw notAKernel(what, 'has no Makefile that sets VERSION and PATCHLEVEL');
  if (!lstatSync(join(dir, 'Kconfig'), { throwIfNoEntry: false })) throw notAKernel(what, 'has no Kconfig');
  return version;
}

function versionOf(makefile: string): string | undefined {
  const [version, patchlevel, sublevel = '0', extra = ''] = [
    'VERSION',
    'PATCHLEVEL',
    'SUBLEVEL',
    'EXTRAVERSION',
  ].map((name) => new RegExp(`^${name}[ \\t]*=[ \\t]*(\\S*)[ \\t]*$`, 'm').exec(makefile)?.[1]);
  if (!/^\d+$/.test(version ?? '') || !/^\d+$/.test(patchlevel ?? '')) return undefined;
  return `${version}.${patchlevel}.${sublevel || '0'}${extra}`;
}

function notAKernel(what: string, why: string): Failure {
  return new Failure({
    kind: 'usage',
    code: 'not-a-kernel',
    message: `${what} is not a kernel's source: its top directory ${why}.`,
    hint: 'Give the directory, archive or repository whose top holds the Makefile and the Kconfig of a Linux kernel.',
  });
}

/** A Makefile of a kernel is 70 KB; of what someone names by mistake only the beginning is looked at. */
const LIMIT = 2 ** 20;

function read(file: string): string {
  const stat = lstatSync(file, { throwIfNoEntry: false });
  return stat?.isFile() && stat.size < LIMIT ? readFileSync(file, 'utf8') : '';
}
