import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { parseCpuList } from './cpu-list.ts';

/** CPUs that are online, by number. */
export function onlineCpus(): readonly number[] {
  return parseCpuList(readFileSync('/sys/devices/system/cpu/online', 'utf8'));
}

/** Takes a CPU away from the guest, or gives it back. CPU 0 cannot be taken away on x86. */
export function setCpuOnline(cpu: number, online: boolean): void {
  writeFileSync(`/sys/devices/system/cpu/cpu${cpu}/online`, online ? '1' : '0');
}

/** Lets every thread of a process, this one by default, run on these CPUs only. Throws what taskset(1) says. */
export function pin(cpus: number | readonly number[], pid: number = process.pid): void {
  const list = [cpus].flat().join(',');
  execFileSync('taskset', ['--all-tasks', '--cpu-list', '--pid', list, String(pid)], { stdio: 'pipe' });
}

/** The CPUs that a process may use. */
export function allowedCpus(pid: number = process.pid): readonly number[] {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return parseCpuList(/^Cpus_allowed_list:\s*(.*)$/m.exec(status)?.[1] ?? '');
}

/** The CPU that a process ran on last. */
export function lastCpu(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // Field 39; the name in field 2 may hold spaces and brackets.
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[36]);
}
