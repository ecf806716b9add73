import { describe, expect, it } from 'vitest';
import { Failure } from '../../core/failure.ts';
import type { NativeBpfObject, SchedulerAddon } from './addon.ts';
import { loadFailure } from './load-failure.ts';
import { EXIT_EJECTED, reportFailure, runSchedulerAgent } from './run-agent.ts';

const text = (value: string) => new TextEncoder().encode(`${value}\0`);

/** A kernel that takes every scheduler, unless told to refuse, and throws it out when told to. */
function fakeKernel(members = ['name', 'enqueue', 'hotplug_seq'], { refuses = false } = {}) {
  let onExit: (record: Uint8Array) => void = () => undefined;
  let record = { kind: 0, exit_code: 0n, reason: text(''), message: text('') };
  const calls: string[] = [];
  const leave = (next: Partial<typeof record>) => {
    record = { ...record, ...next };
    setImmediate(() => onExit(new Uint8Array(4)));
  };
  class FakeObject implements NativeBpfObject {
    setVariable(name: string): void {
      calls.push(`set ${name}`);
    }
    readVariable(name: string) {
      return name === 'exit_record' ? record : text('the dump');
    }
    setMaxEntries(map: string): void {
      calls.push(`size ${map}`);
    }
    mapFd() {
      return -1;
    }
    programFd() {
      return -1;
    }
    load(): void {
      calls.push('load');
      if (refuses) throw Object.assign(new Error('loading x'), { code: 'ENOTSUP', log: '' });
    }
    readPerCpu() {
      return [{ dispatched: 2n }, { dispatched: 3n }];
    }
    watchRing(_: string, callback: (record: Uint8Array) => void): void {
      onExit = callback;
    }
    setMember(_: string, member: string): void {
      calls.push(`member ${member}`);
    }
    membersInUse() {
      return ['name', 'enqueue'];
    }
    attach(): void {
      calls.push('attach');
    }
    detach(): void {
      calls.push('detach');
      leave({ kind: 64, reason: text('unregistered from user space') });
    }
    close(): void {
      calls.push('close');
    }
  }
  const addon: SchedulerAddon = {
    BpfObject: FakeObject,
    kernelStructMembers: () => members,
  };
  return { addon, calls, leave };
}

function run(kernel: ReturnType<typeof fakeKernel>) {
  const reports: Record<string, unknown>[] = [];
  let output = '';
  const stop = new AbortController();
  const waiting: { times: number; resolve: () => void }[] = [];
  let timesReady = 0;
  const write = (chunk: string) => {
    output += chunk;
  };
  const done = runSchedulerAgent(
    {
      source: { object: 'x.bpf.o', ops: 'x', variables: { slice_ns: 1n }, members: { name: 'devbox_x' } },
      settings: 'slice 1 ms',
      statsMap: 'cpu_stats',
    },
    {
      addon: kernel.addon,
      report: (report) => {
        reports.push({ ...report });
        if (report.type === 'agent-ready') timesReady += 1;
        for (const { times, resolve } of waiting) if (timesReady >= times) resolve();
      },
      stdout: write,
      stderr: write,
      stop: stop.signal,
    },
  );
  const ready = (times = 1) =>
    new Promise<void>((resolve) => {
      if (timesReady >= times) resolve();
      else waiting.push({ times, resolve });
    });
  return { done, ready, reports, stop: () => stop.abort(), output: () => output };
}

describe('runSchedulerAgent', () => {
  it('detaches when asked to stop, with its counters as last words', async () => {
    const kernel = fakeKernel();
    const agent = run(kernel);
    await agent.ready();
    agent.stop();
    expect(await agent.done).toBe(0);
    expect(kernel.calls.slice(0, 4)).toEqual(['set slice_ns', 'member name', 'load', 'attach']);
    expect(kernel.calls.slice(4)).toEqual(['detach', 'close', 'close']);
    expect(agent.reports).toEqual([
      { type: 'agent-ready', scheduler: 'devbox_x' },
      {
        type: 'agent-stats',
        final: true,
        perCpu: [
          { cpu: 0, dispatched: 2 },
          { cpu: 1, dispatched: 3 },
        ],
        totals: { dispatched: 5 },
      },
    ]);
  });

  it('reports what the kernel said when it is thrown out', async () => {
    const kernel = fakeKernel();
    const agent = run(kernel);
    await agent.ready();
    kernel.leave({ kind: 1026, reason: text('runnable task stall'), message: text('a[1] failed to run') });
    expect(await agent.done).toBe(EXIT_EJECTED);
    expect(kernel.calls).not.toContain('detach');
    expect(agent.reports.at(-1)).toEqual({
      type: 'scheduler-exit',
      scheduler: 'devbox_x',
      kind: 1026,
      kindName: 'error-stall',
      exitCode: '0',
      reason: 'runnable task stall',
      message: 'a[1] failed to run',
      dump: 'the dump',
    });
    expect(agent.output()).toContain('The kernel ejected devbox_x: runnable task stall (a[1] failed to run)');
  });

  it('loads again when the kernel asks for a restart', async () => {
    const kernel = fakeKernel();
    const agent = run(kernel);
    await agent.ready();
    kernel.leave({ kind: 66, exit_code: 1n << 48n });
    await agent.ready(2);
    kernel.leave({ kind: 1025, exit_code: 0n });
    expect(await agent.done).toBe(EXIT_EJECTED);
    expect(kernel.calls.filter((call) => call === 'attach')).toHaveLength(2);
  });

  it('names members of sched_ext_ops that the kernel lacks, and closes what it opened', async () => {
    const kernel = fakeKernel(['name'], { refuses: true });
    await expect(run(kernel).done).rejects.toThrow('sched_ext_ops.enqueue, which this kernel does not have');
    expect(kernel.calls.at(-1)).toBe('close');
  });

  it('passes on what libbpf said when nothing plainer explains the refusal', async () => {
    const kernel = fakeKernel(['name', 'enqueue'], { refuses: true });
    await expect(run(kernel).done).rejects.toMatchObject({ code: 'load-failed' });
  });

  it('says which option is missing on a kernel without sched_ext, and on one without BTF', async () => {
    const without = (kernelStructMembers: SchedulerAddon['kernelStructMembers']) => {
      const kernel = fakeKernel([], { refuses: true });
      return run({ ...kernel, addon: { ...kernel.addon, kernelStructMembers } }).done;
    };
    await expect(without(() => null)).rejects.toMatchObject({
      code: 'no-sched-ext',
      hint: expect.stringContaining('CONFIG_SCHED_CLASS_EXT'),
    });
    const noBtf = () => {
      throw Object.assign(new Error('no BTF'), { code: 'ENOENT' });
    };
    await expect(without(noBtf)).rejects.toMatchObject({
      code: 'no-btf',
      hint: expect.stringContaining('CONFIG_DEBUG_INFO_BTF'),
    });
  });
});

describe('reportFailure', () => {
  const collect = (failure: Failure) => {
    const reports: Record<string, unknown>[] = [];
    let stderr = '';
    reportFailure(failure, {
      report: (report) => reports.push({ ...report }),
      stderr: (chunk) => {
        stderr += chunk;
      },
    });
    return { reports, stderr };
  };

  it('sends the whole verifier log in parts, then the error with its last lines', () => {
    const lines = Array.from({ length: 9000 }, (_, i) => `${i}: (85) call something#1`);
    const log = `libbpf: prog 'p': -- BEGIN PROG LOAD LOG --\n${lines.join('\n')}\n-- END PROG LOAD LOG --\n`;
    const { reports, stderr } = collect(
      loadFailure('s', Object.assign(new Error('e'), { code: 'EACCES', log })),
    );
    const parts = reports.filter(({ type }) => type === 'verifier-log');
    expect(parts.map(({ text: part }) => part).join('')).toBe(lines.join('\n'));
    expect(parts.length).toBeGreaterThan(1);
    expect(reports.at(-1)).toMatchObject({
      type: 'agent-error',
      code: 'verifier-rejected',
      evidence: lines.slice(-20),
    });
    expect(stderr).toContain('  | 8999: (85) call something#1');
  });

  it('sends an error without a log alone', () => {
    const { reports } = collect(new Failure({ kind: 'usage', code: 'bad-flag', message: 'No.' }));
    expect(reports).toEqual([{ type: 'agent-error', code: 'bad-flag', message: 'No.', evidence: [] }]);
  });
});
