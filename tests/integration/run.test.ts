import { describe, expect, it } from 'vitest';
import { devbox, latestRecord, temporaryDirectory } from '../support/devbox.ts';

describe('devbox run fifo', () => {
  it('schedules real threads on four vCPUs and passes', async () => {
    using dir = temporaryDirectory();
    const run = await devbox(['run', '--smp', '4', 'fifo'], { cwd: dir.path });
    expect(run.stderr + run.stdout).toMatch(/passed/i);
    expect(run.code).toBe(0);

    const record = latestRecord(dir.path);
    expect(record.result).toMatchObject({ verdict: { kind: 'passed' }, exitCode: 0 });
    const events = record
      .read('events.ndjson')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const stats = events.findLast(
      ({ type, report }) => type === 'report' && report.type === 'agent-stats',
    ).report;
    expect(stats.perCpu).toHaveLength(4);
    for (const cpu of stats.perCpu) expect(cpu.dispatched ?? cpu.running).toBeGreaterThan(0);
    const load = events.findLast(
      ({ type, report }) => type === 'report' && report.type === 'workload-result',
    ).report;
    expect(load.wakeupLatencyUs.p50).toBeGreaterThan(0);
    expect(load.contextSwitches).toBeGreaterThan(0);
    expect(events.find(({ type }) => type === 'agent-ready').scheduler).toMatch(/fifo/);
    expect(events.filter(({ type }) => type === 'verdict')).toHaveLength(1);
  });

  it('keeps the four streams apart, and stdout from stderr', async () => {
    using dir = temporaryDirectory();
    const workload = 'echo to-stdout; echo to-stderr >&2; echo "<4>to-console" > /dev/kmsg; exit 0';
    const run = await devbox(['run', '--smp', '2', '--workload', workload, 'fifo'], { cwd: dir.path });
    expect(run.code).toBe(0);
    const record = latestRecord(dir.path);
    expect(record.read('streams/workload-stdout')).toBe('to-stdout\n');
    expect(record.read('streams/workload-stderr')).toBe('to-stderr\n');
    expect(record.read('console.log')).toContain('to-console');
    expect(record.read('streams/agent-stdout')).not.toContain('to-');
    expect(record.read('streams/agent-stdout')).toContain('fifo');
  });

  it('replays exactly what it printed, in every form', async () => {
    using dir = temporaryDirectory();
    const workload = 'printf "a\\033[31mred\\001\\377\\n"; echo unfinished >&2';
    for (const form of [[], ['--json'], ['--quiet']]) {
      const args = ['run', '--smp', '1', '--workload', workload, ...form, 'fifo'];
      const live = await devbox(args, { cwd: dir.path });
      const replayed = await devbox(['runs', 'replay', 'latest', ...form], { cwd: dir.path });
      expect(replayed.stdout).toBe(live.stdout);
      if (form[0] !== '--json') expect(live.stdout).not.toContain('\x1b');
    }
  });

  it('hands its arguments to the agent and refuses what the agent does not know', async () => {
    using dir = temporaryDirectory();
    const good = await devbox(['run', '--workload', '/bin/true', 'fifo', '--', '--slice', '5ms'], {
      cwd: dir.path,
    });
    expect(good.code).toBe(0);
    expect(latestRecord(dir.path).read('streams/agent-stdout')).toContain('--slice 5ms');
    const bad = await devbox(['run', '--workload', '/bin/true', 'fifo', '--', '--slise', '5ms'], {
      cwd: dir.path,
    });
    expect(bad.code).toBe(64);
    expect(bad.stdout + bad.stderr).toContain('--slice');
  });

  it('runs two guests at once that do not disturb each other', async () => {
    using dir = temporaryDirectory();
    const one = devbox(['run', '--smp', '2', '--workload', 'echo I am one', 'fifo'], { cwd: dir.path });
    const two = devbox(['run', '--smp', '2', '--workload', 'echo I am two', 'fifo'], { cwd: dir.path });
    const results = await Promise.all([one, two]);
    expect(results.map(({ code }) => code)).toEqual([0, 0]);
    expect(results[0].stdout).toContain('I am one');
    expect(results[0].stdout).not.toContain('I am two');
    expect(results[1].stdout).toContain('I am two');
  });
});
