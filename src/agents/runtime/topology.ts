import { readdirSync, readFileSync } from 'node:fs';
import type { CpuTopology } from './cpu-table.ts';

const CPUS = '/sys/devices/system/cpu';

export interface Machine {
  /** One more than the highest CPU that is there. */
  readonly cpuCount: number;
  readonly topology: CpuTopology;
}

/** What the kernel says of its CPUs. `read` gives a file's content, undefined when there is none. */
export function readMachine(read = readText, list = readNames): Machine {
  const cpuCount = Math.max(0, ...parseCpuList(read(`${CPUS}/online`) ?? '0')) + 1;
  const topology = {
    core: new Int32Array(cpuCount),
    cache: new Int32Array(cpuCount),
    node: new Int32Array(cpuCount),
  };
  const cores = numbering();
  const caches = numbering();
  for (let cpu = 0; cpu < cpuCount; cpu += 1) {
    const dir = `${CPUS}/cpu${cpu}`;
    const core = read(`${dir}/topology/thread_siblings_list`) ?? read(`${dir}/topology/core_cpus_list`);
    topology.core[cpu] = cores(core ?? `cpu ${cpu}`);
    topology.cache[cpu] = caches(lastLevelCache(dir, read) ?? 'all');
    const node = list(dir).find((name) => /^node\d+$/.test(name));
    topology.node[cpu] = node === undefined ? 0 : Number(node.slice(4));
  }
  return { cpuCount, topology };
}

/** Who shares the cache of the highest level. */
function lastLevelCache(dir: string, read: typeof readText): string | undefined {
  let shared: string | undefined;
  for (let index = 0; index < 10; index += 1) {
    const list = read(`${dir}/cache/index${index}/shared_cpu_list`);
    if (list === undefined) break;
    shared = list;
  }
  return shared;
}

/** `0-3,8` */
export function parseCpuList(text: string): number[] {
  return text.split(',').flatMap((part) => {
    const [first, last = first] = part.trim().split('-').map(Number);
    if (first === undefined || last === undefined || !(last >= first)) return [];
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

/** Equal texts get equal numbers, from 0. */
function numbering(): (text: string) => number {
  const known = new Map<string, number>();
  return (text) => {
    const number = known.get(text) ?? known.size;
    known.set(text, number);
    return number;
  };
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}

function readNames(dir: string): readonly string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}
