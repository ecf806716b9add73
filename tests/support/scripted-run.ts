/**
 * A whole devbox session around a use case that plays a scenario instead of booting a guest: the record, the renderers,
 * signals and exit codes are the real ones. `node tests/support/scripted-run.ts SCENARIO [--json|--quiet|--exec]`
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { perform } from '../../src/app/library/perform.ts';
import type { GuestRequest } from '../../src/app/request.ts';
import type { SessionContext, UseCase } from '../../src/app/use-case.ts';
import { showRun } from '../../src/cli/session.ts';
import { abortFailure, Failure } from '../../src/core/failure.ts';
import type { Verdict } from '../../src/core/verdict.ts';

const PASSED: Verdict = { kind: 'passed', summary: 'All went well.', evidence: [], findings: [] };

const [scenario = 'fifo', ...flags] = process.argv.slice(2);
const request: GuestRequest = {
  cwd: process.cwd(),
  smp: { cpus: 2, sockets: 1, cores: 2, threads: 1 },
  memoryBytes: 2 ** 30,
  shares: [],
  workingDirectory: '/',
  accel: 'auto',
  append: [],
  freshBoot: false,
  kernel: 'scx',
};

const SCENARIOS: Readonly<Record<string, UseCase<GuestRequest>>> = {
  /** What a good run looks like, at a human pace. */
  fifo: async (_request, context) => {
    await playFifo(context, flags.includes('--slow') ? 1 : 0.02);
    return PASSED;
  },
  /** Works until it is cancelled, then needs a moment to put things away. */
  endless: async (_request, { bus, signal }) => {
    bus.emit({ type: 'stage-started', stage: 'boot', title: 'Boot Linux 7.2' });
    const aborted = Promise.withResolvers<void>();
    signal.addEventListener('abort', () => aborted.resolve(), { once: true });
    bus.emit({ type: 'notice', level: 'info', message: 'ready to be cancelled' });
    const alive = setInterval(() => {}, 1000);
    await aborted.promise;
    clearInterval(alive);
    bus.emit({ type: 'notice', level: 'info', message: 'putting things away' });
    if (flags.includes('--stuck')) await new Promise(() => setInterval(() => {}, 1000));
    throw abortFailure(signal);
  },
  /** 200 MB in pieces as large as a frame of the guest's protocol. */
  flood: async (_request, { bus, signal }) => {
    const data = Buffer.alloc(32_000, `${'x'.repeat(99)}\n`);
    for (let sent = 0; sent < 200e6; sent += data.length) {
      if (signal.aborted) throw abortFailure(signal);
      bus.emit({ type: 'guest-output', stream: 'workload', fd: 1, data });
      await bus.drain();
      if (sent % (100 * data.length) === 0) await sleep(0);
    }
    const { maxRSS } = process.resourceUsage();
    process.stderr.write(`peak ${Math.round(maxRSS / 1024)} MiB\n`);
    return PASSED;
  },
  /** Bytes that no terminal should get, lines without an end, both streams. */
  binary: async (_request, { bus }) => {
    const every = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
    for (const fd of [1, 2] as const) {
      bus.emit({ type: 'guest-output', stream: 'workload', fd, data: every });
      bus.emit({ type: 'guest-output', stream: 'workload', fd, data: Buffer.from('caf\xc3', 'latin1') });
      bus.emit({
        type: 'guest-output',
        stream: 'workload',
        fd,
        data: Buffer.from('\xa9 \u001b[31mred', 'latin1'),
      });
    }
    bus.emit({ type: 'workload-exited', exit: { code: 3 }, ms: 5 });
    return { ...PASSED, kind: 'test-failed', summary: 'It exited with code 3.' };
  },
  /** As `exec -- cat`: standard input comes out again. */
  cat: async (_request, { bus, terminal }) => {
    for await (const data of terminal.stdin as AsyncIterable<Buffer>) {
      bus.emit({ type: 'guest-output', stream: 'workload', fd: 1, data });
      await bus.drain();
    }
    bus.emit({ type: 'workload-exited', exit: { code: 0 }, ms: 5 });
    return PASSED;
  },
  usage: async () => {
    throw new Failure({
      kind: 'usage',
      code: 'no-such-kernel',
      message: 'There is no kernel "x".',
      hint: 'See.',
    });
  },
  host: async () => {
    throw new Failure({
      kind: 'host',
      code: 'qemu-missing',
      message: 'QEMU is not installed.',
      hint: 'devbox setup',
    });
  },
  build: async (_request, { bus }) => {
    bus.emit({ type: 'stage-started', stage: 'kernel', title: 'Build the kernel' });
    bus.emit({ type: 'stage-finished', stage: 'kernel', outcome: 'failed', ms: 3 });
    const evidence = ['make: *** [Makefile:1] Error 2'];
    throw new Failure({
      kind: 'build',
      code: 'make-failed',
      message: 'The kernel does not build.',
      evidence,
    });
  },
  bug: async () => {
    throw new TypeError('cannot read properties of undefined');
  },
  crash: async () => {
    setTimeout(() => {
      throw new TypeError('thrown where nobody catches it');
    });
    return new Promise(() => setInterval(() => {}, 1000));
  },
};

async function playFifo({ bus }: SessionContext, pace: number): Promise<void> {
  const step = async (ms: number) => sleep(ms * pace);
  const cached = ['build-image', 'guest-image', 'kernel'] as const;
  for (const stage of cached) {
    bus.emit({ type: 'stage-started', stage, title: `Look for the ${stage}` });
    await step(100);
    bus.emit({ type: 'stage-finished', stage, outcome: 'cached', ms: 4 });
  }
  bus.emit({ type: 'stage-started', stage: 'native', title: 'Build native programs' });
  for (const file of ['fifo.bpf.c', 'init.c', 'spin.c']) {
    bus.emit({ type: 'stage-progress', stage: 'native', detail: file });
    await step(400);
  }
  bus.emit({ type: 'stage-finished', stage: 'native', outcome: 'done', ms: 1200, detail: '3 programs' });
  bus.emit({ type: 'stage-started', stage: 'boot', title: 'Boot Linux 7.2.12' });
  bus.emit({
    type: 'notice',
    level: 'warning',
    message: 'KVM cannot be used here: the guest is EMULATED (TCG).',
    hint: 'devbox doctor',
  });
  bus.emit({ type: 'vm-started', accel: 'tcg', argv: ['qemu-system-x86_64', '-nodefaults'] });
  for (let line = 0; line < 20; line += 1) {
    bus.emit({ type: 'console-line', text: `[    0.${line}00000] something the kernel says, ${line}` });
    await step(50);
  }
  bus.emit({ type: 'guest-ready', release: '7.2.12-cloud-amd64', vcpus: 2, memoryKiB: 2 ** 20, ms: 1840 });
  bus.emit({ type: 'stage-finished', stage: 'boot', outcome: 'done', ms: 1900, detail: '2 vCPUs, TCG' });
  bus.emit({ type: 'stage-started', stage: 'agent', title: 'Start fifo' });
  bus.emit({ type: 'agent-started', agent: 'fifo', argv: ['node', 'main.js', 'fifo'], pid: 120 });
  bus.emit({
    type: 'guest-output',
    stream: 'agent-stdout',
    fd: 1,
    data: Buffer.from('devbox_fifo schedules.\n'),
  });
  bus.emit({ type: 'agent-ready', agent: 'fifo', scheduler: 'devbox_fifo' });
  bus.emit({ type: 'stage-finished', stage: 'agent', outcome: 'done', ms: 300 });
  bus.emit({
    type: 'workload-started',
    workload: 'pingpong',
    argv: ['pingpong', '--seconds', '1'],
    pid: 130,
  });
  for (let second = 0; second < 3; second += 1) {
    bus.emit({ type: 'guest-output', stream: 'workload', fd: 1, data: Buffer.from(`round ${second} of`) });
    await step(300);
    bus.emit({ type: 'console-line', text: `[    3.${second}00000] sched_ext: a word in between` });
    bus.emit({ type: 'guest-output', stream: 'agent-stderr', fd: 2, data: Buffer.from('agent: warned\n') });
    bus.emit({ type: 'guest-output', stream: 'workload', fd: 1, data: Buffer.from(' 3\u001b[31m\n') });
  }
  bus.emit({
    type: 'report',
    from: 'workload',
    report: {
      type: 'workload-result',
      workload: 'pingpong',
      durationMs: 1003.2,
      wakeupLatencyUs: { samples: 34_908, p50: 12.5, p99: 140, max: 2300 },
      contextSwitches: 71_234,
    },
  });
  bus.emit({ type: 'workload-exited', exit: { code: 0 }, ms: 1003 });
  const perCpu = [0, 1].map((cpu) => ({ dispatched: 34_000 + cpu, enqueuedLocal: 120, runNs: 9e8, cpu }));
  bus.emit({ type: 'report', from: 'agent', report: { type: 'agent-stats', final: true, perCpu } });
  bus.emit({ type: 'agent-exited', exit: { code: 0 }, asked: true });
  await step(100);
}

const work = SCENARIOS[scenario];
if (!work) throw new Error(`no scenario "${scenario}"`);
const useCase = flags.includes('--exec') ? 'exec' : 'run';
process.exit(
  await showRun(
    {
      useCase,
      json: flags.includes('--json'),
      quiet: flags.includes('--quiet'),
      debug: flags.includes('--debug'),
      context: {
        words: [useCase, ...process.argv.slice(2)],
        cwd: process.cwd(),
        colorChoice: 'auto',
      },
    },
    (shown) => perform({ useCase, request, cwd: shown.cwd, terminal: shown.terminal }, work, shown),
  ),
);
