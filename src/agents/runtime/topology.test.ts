import { expect, it } from 'vitest';
import { parseCpuList, readMachine } from './topology.ts';

it('reads lists of CPUs as the kernel writes them', () => {
  expect(parseCpuList('0-2,5')).toEqual([0, 1, 2, 5]);
  expect(parseCpuList('7')).toEqual([7]);
  expect(parseCpuList('')).toEqual([0]);
  expect(parseCpuList('3-1')).toEqual([]);
});

it('numbers cores and last-level caches by who shares them', () => {
  const cpu = '/sys/devices/system/cpu';
  const files = new Map([[`${cpu}/online`, '0-3']]);
  for (const at of [0, 1, 2, 3]) {
    files.set(`${cpu}/cpu${at}/topology/thread_siblings_list`, at < 2 ? '0-1' : '2-3');
    files.set(`${cpu}/cpu${at}/cache/index0/shared_cpu_list`, String(at));
    files.set(`${cpu}/cpu${at}/cache/index1/shared_cpu_list`, '0-3');
  }
  const { cpuCount, topology } = readMachine(
    (path) => files.get(path),
    (dir) => (dir.endsWith('cpu3') ? ['topology', 'node1'] : ['node0']),
  );
  expect(cpuCount).toBe(4);
  expect([...topology.core]).toEqual([0, 0, 1, 1]);
  expect([...topology.cache]).toEqual([0, 0, 0, 0]);
  expect([...topology.node]).toEqual([0, 0, 0, 1]);
});

it('makes do with a kernel that says nothing', () => {
  const { cpuCount, topology } = readMachine(
    () => undefined,
    () => [],
  );
  expect(cpuCount).toBe(1);
  expect(topology.core).toHaveLength(1);
});
