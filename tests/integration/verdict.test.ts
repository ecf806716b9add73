import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { devbox, latestRecord, temporaryDirectory } from '../support/devbox.ts';

interface Expected {
  readonly args: readonly string[];
  /** Lies in the current directory, as `agent.sh`. */
  readonly agent?: string;
  readonly kind: string;
  readonly code: number;
}

async function expectVerdict({ args, agent, kind, code }: Expected) {
  using dir = temporaryDirectory();
  if (agent) writeFileSync(join(dir.path, 'agent.sh'), agent, { mode: 0o755 });
  const run = await devbox(['run', ...args], { cwd: dir.path });
  const record = latestRecord(dir.path);
  const verdict = record.result.verdict as {
    kind: string;
    summary: string;
    evidence: string[];
    files?: string[];
  };
  expect(verdict.kind, `${run.stdout}\n${run.stderr}`).toBe(kind);
  expect(run.code).toBe(code);
  return {
    verdict,
    run,
    read: record.read('console.log'),
    files: (verdict.files ?? []).map((file) => ({ file, exists: existsSync(join(record.dir, file)) })),
    hang: existsSync(join(record.dir, 'hang-record.txt')) ? record.read('hang-record.txt') : '',
    machine: existsSync(join(record.dir, 'machine-record.txt')) ? record.read('machine-record.txt') : '',
    dump: existsSync(join(record.dir, 'scheduler-dump.txt')) ? record.read('scheduler-dump.txt') : '',
  };
}

/** What our own agents say when the kernel's list of timers shows it. */
const FINDS_LATE_TIMERS = `#!/bin/sh
node /opt/devbox/agents/runtime/main.js fifo-bpf &
until grep -q enabled /sys/kernel/sched_ext/state; do sleep 0.1; done
until pgrep -f 'sleep 600' >/dev/null; do sleep 0.1; done
echo '{"type":"agent-error","code":"timers-lost","message":"Timers do not run.","evidence":["CPU 1: 9 s late"]}' >&"$DEVBOX_REPORT_FD"
kill -INT $!
wait
exit 69
`;

describe('every run ends in one honest verdict', () => {
  it('test-failed when the workload fails', async () => {
    const { verdict } = await expectVerdict({
      args: ['--workload', 'echo broken >&2; exit 3', 'fifo'],
      kind: 'test-failed',
      code: 1,
    });
    expect(verdict.summary).toContain('exited with code 3');
    expect(verdict.evidence).toContain('broken');
  });

  it('agent-failed when the agent is killed by a signal', async () => {
    const kill = 'kill -9 $(pgrep -f runtime/main.js); sleep 60';
    const { verdict } = await expectVerdict({
      args: ['--workload', kill, 'fifo-bpf'],
      kind: 'agent-failed',
      code: 101,
    });
    expect(verdict.summary).toContain('SIGKILL');
  });

  it('scheduler-ejected, with reason, message and dump, when a scheduler stalls', async () => {
    const { verdict, files, dump } = await expectVerdict({
      args: ['--smp', '2', '--workload', 'sleep 60', 'stall', '--', '--watchdog', '2s'],
      kind: 'scheduler-ejected',
      code: 102,
    });
    expect(verdict.summary).toMatch(/runnable task stall/);
    expect(verdict.evidence.join('\n')).toMatch(/CPU/);
    expect(files).toContainEqual({ file: 'scheduler-dump.txt', exists: true });
    expect(dump).toContain('Event counters');
  });

  it('scheduler-ejected, with its own words, when a scheduler raises an error', async () => {
    const { verdict } = await expectVerdict({
      args: ['--smp', '2', '--workload', 'sleep 60', 'error'],
      kind: 'scheduler-ejected',
      code: 102,
    });
    expect(verdict.summary.length).toBeGreaterThan(40);
  });

  it('kernel-panic when the kernel panics under the workload', async () => {
    const { verdict } = await expectVerdict({
      args: ['--workload', 'echo c > /proc/sysrq-trigger; sleep 60', 'fifo'],
      kind: 'kernel-panic',
      code: 103,
    });
    expect(verdict.summary).toContain('sysrq triggered crash');
  });

  it('kernel-panic when the guest panics before its hello', async () => {
    const { verdict } = await expectVerdict({
      args: ['--append', 'rdinit=/no/such/init root=/dev/none', '--workload', '/bin/true', 'fifo'],
      kind: 'kernel-panic',
      code: 103,
    });
    expect(verdict.evidence.join('\n')).toMatch(/not syncing/);
  });

  it('boot-failed when the guest never says hello', async () => {
    const { verdict } = await expectVerdict({
      args: [
        '--append',
        'rdinit=/opt/devbox/bin/devbox-workload -- spin --duration 600s',
        '--timeout',
        '20s',
        '--workload',
        '/bin/true',
        'fifo',
      ],
      kind: 'boot-failed',
      code: 106,
    });
    expect(verdict.summary).toContain('did not say hello');
    expect(verdict.evidence.join('\n')).toContain('Run /opt/devbox/bin/devbox-workload as init process');
  });

  it('guest-hang, with a record of where it hangs, when the guest stops answering', async () => {
    const hog = 'for i in 1 2; do chrt -f 99 sh -c "while :; do :; done" & done; sleep 600';
    const { verdict, hang, read } = await expectVerdict({
      args: ['--smp', '2', '--append', 'sysctl.kernel.sched_rt_runtime_us=-1', '--workload', hog, 'fifo'],
      kind: 'guest-hang',
      code: 105,
    });
    expect(hang).toContain('RIP=');
    expect(verdict.evidence.slice(0, 2)).toEqual([
      expect.stringMatching(/^CPU 0: sh\[\d+\]/),
      expect.stringMatching(/^CPU 1: sh\[\d+\]/),
    ]);
    expect(verdict.evidence.join('\n')).toContain('class=rt_sched_class');
    expect(read).toMatch(/sysrq: Show (?:backtrace|State|Blocked)/i);
    expect(read).toMatch(/tick_nohz_handler|tick_sched_timer/);
    expect(hang).toMatch(/== Local APIC of vCPU 1 ==\ndumping local APIC state/);
  });

  it('guest-hang, with what the machine knows of its interrupts, when an agent finds that timers do not run', async () => {
    const { verdict, machine, files } = await expectVerdict({
      args: ['--smp', '2', '--workload', 'sleep 600', './agent.sh'],
      agent: FINDS_LATE_TIMERS,
      kind: 'guest-hang',
      code: 105,
    });
    expect(verdict).toMatchObject({ summary: 'Timers do not run.', evidence: ['CPU 1: 9 s late'] });
    expect(files).toContainEqual({ file: 'machine-record.txt', exists: true });
    expect(machine).toContain('RIP=');
    expect(machine).toMatch(/== Local APIC of vCPU 1 ==\ndumping local APIC state/);
  });

  it('kernel-splat when the kernel complains although everything exits 0', async () => {
    const eat =
      'python3 -c "bytearray(10**10)"; python3 -c "x = [bytearray(10**7) for _ in range(1000)]"; exit 0';
    const { verdict, run } = await expectVerdict({
      args: ['--memory', '512M', '--workload', eat, 'fifo'],
      kind: 'kernel-splat',
      code: 104,
    });
    expect(verdict.summary).toMatch(/Out of memory: Killed process \d+ \(python3\)/);
    expect(run.stdout).toContain('workload exited with code 0');
  });

  it('test-failed when the workload outlives its time although the guest still answers', async () => {
    const { verdict } = await expectVerdict({
      args: ['--timeout', '20s', '--workload', 'sleep 600', 'fifo'],
      kind: 'test-failed',
      code: 1,
    });
    expect(verdict.summary).toContain('not over after');
  });
});
