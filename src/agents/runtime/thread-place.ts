import { readFileSync } from 'node:fs';

/** Fields of /proc/PID/stat behind the name, which may have anything in it: proc_pid_stat(5). */
const STATE = 0;
const PROCESSOR = 36;

/**
 * Where a thread of this process is in the kernel, in one line: its state, the function that it waits in, its CPU. Undefined
 * when it is gone.
 */
export function threadPlace(tid: number, tasks = '/proc/self/task'): string | undefined {
  try {
    const stat = readFileSync(`${tasks}/${tid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const waitsIn = readFileSync(`${tasks}/${tid}/wchan`, 'utf8');
    const where = waitsIn === '0' || waitsIn === '' ? '' : ` in ${waitsIn}()`;
    return `the policy's thread ${tid}: state ${fields[STATE]}${where}, CPU ${fields[PROCESSOR]}`;
  } catch {
    return undefined;
  }
}
