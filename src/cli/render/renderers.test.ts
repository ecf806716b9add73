import { describe, expect, it } from 'vitest';
import type { DevboxEvent, GuestOutput } from '../../core/event.ts';
import type { Verdict } from '../../core/verdict.ts';
import type { Output } from '../output.ts';
import { createJsonRenderer } from './json.ts';
import { createPassthroughRenderer } from './passthrough.ts';
import { createPlainRenderer } from './plain.ts';
import { createQuietRenderer } from './quiet.ts';
import type { Renderer } from './renderer.ts';
import { wantsColor } from './style.ts';

const VERDICT: Verdict = {
  kind: 'test-failed',
  summary: 'It exited with code 3.',
  evidence: ['bad \u001b]0;x\u0007'],
  findings: [],
};

function collect(isTty = false) {
  const chunks: Buffer[] = [];
  const output: Output = {
    isTty,
    write: (data) => void chunks.push(Buffer.from(data as string)),
    flush: async () => {},
  };
  return { output, bytes: () => Buffer.concat(chunks), text: () => Buffer.concat(chunks).toString('utf8') };
}

function output(data: string | Uint8Array, from: Partial<GuestOutput> = {}): GuestOutput {
  return {
    t: 1234,
    type: 'guest-output',
    stream: 'workload',
    fd: 1,
    data: Buffer.from(data as string),
    ...from,
  };
}

async function play(renderer: Renderer, events: readonly DevboxEvent[]): Promise<void> {
  for (const event of events) await renderer.sink(event);
  await renderer.finish();
}

describe('the plain renderer', () => {
  const plain = async (...events: DevboxEvent[]) => {
    const to = collect();
    await play(createPlainRenderer(to.output, false), events);
    return to.text();
  };

  it('gives each line its time and who said it', async () => {
    expect(await plain({ t: 1234, type: 'console-line', text: 'Linux version' }, output('one\ntwo\n'))).toBe(
      '[  1.234] console   │ Linux version\n[  1.234] workload  │ one\n[  1.234] workload  │ two\n',
    );
  });

  it('holds an unfinished line until it ends, whatever other streams say meanwhile', async () => {
    const text = await plain(
      output('half'),
      output('other\n', { stream: 'agent-stderr', fd: 2 }),
      output('error\n', { fd: 2 }),
      output(' whole\nrest'),
      { t: 2000, type: 'verdict', verdict: VERDICT },
      { t: 2001, type: 'run-finished', exitCode: 1, record: 'r' },
    );
    expect(text.split('\n').slice(0, 6)).toEqual([
      '[  1.234] agent!    │ other',
      '[  1.234] workload! │ error',
      '[  1.234] workload  │ half whole',
      '[  2.000] workload  │ rest',
      '',
      'test-failed: It exited with code 3.',
    ]);
  });

  it('puts characters together that were cut between two pieces', async () => {
    expect(await plain(output(Buffer.from([0xc3])), output(Buffer.from([0xa9, 0x0a])))).toContain('│ é\n');
  });

  it('lets no control character of a guest through', async () => {
    const text = await plain(
      output('\u001b[31m\u0007\u009b\r\u202e\n'),
      { t: 1, type: 'console-line', text: '\u001bc' },
      { t: 1, type: 'notice', level: 'warning', message: 'from \u001b[2J\nthere' },
      { t: 1, type: 'verdict', verdict: VERDICT },
      { t: 1, type: 'run-finished', exitCode: 1, record: 'r' },
    );
    // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the test.
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    expect(text).toContain('devbox    │ WARNING: from ^[[2J\n[  0.001] devbox    │ there\n');
  });

  it('says of many tests how far they are, ten times at most', async () => {
    const progress = (total: number): DevboxEvent[] =>
      Array.from({ length: total }, (_, index) => ({
        ...{ t: 0, type: 'suite-progress', done: index + 1, total, failed: index < 50 ? 0 : 2 },
      }));
    const said = (await plain(...progress(100))).trim().split('\n');
    expect(said).toHaveLength(9);
    expect(said[0]).toBe('[  0.000] devbox    │ 10 of 100 tests are over');
    expect(said[8]).toBe('[  0.000] devbox    │ 90 of 100 tests are over, 2 failed');
    expect(await plain(...progress(5))).toBe('');
  });

  it('shows what a run that was cut short had said last', async () => {
    expect(await plain(output('last words'))).toBe('[  1.234] workload  │ last words\n');
  });
});

describe('the quiet renderer', () => {
  it('prints the verdict on one line and nothing else', async () => {
    const to = collect();
    const verdict = { ...VERDICT, summary: 'Two\nlines.' };
    await play(createQuietRenderer(to.output, false), [
      output('noise\n'),
      { t: 1, type: 'verdict', verdict },
    ]);
    expect(to.text()).toBe('test-failed: Two lines.\n');
  });
});

describe('the JSON renderer', () => {
  it('prints an object a line, with the bytes of a stream as text, or in base64 when they are no text', async () => {
    const to = collect();
    await play(createJsonRenderer(to.output), [
      output('é\n'),
      output(Buffer.from([0xff])),
      output('x', { fd: 2 }),
    ]);
    const lines = to
      .text()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toEqual([
      { t: 1234, type: 'guest-output', stream: 'workload', fd: 1, offset: 0, length: 3, text: 'é\n' },
      { t: 1234, type: 'guest-output', stream: 'workload', fd: 1, offset: 3, length: 1, base64: '/w==' },
      { t: 1234, type: 'guest-output', stream: 'workload', fd: 2, offset: 0, length: 1, text: 'x' },
    ]);
  });
});

describe('passing a command through', () => {
  const EVERY_BYTE = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  const pass = async (events: DevboxEvent[], { tty = false, raw = false, quiet = false } = {}) => {
    const [stdout, stderr] = [collect(tty), collect(tty)];
    const options = { stdout: stdout.output, stderr: stderr.output, color: false, rawOnTerminal: raw, quiet };
    await play(createPassthroughRenderer(options), events);
    return { stdout, stderr };
  };
  const stages: DevboxEvent[] = [
    { t: 0, type: 'stage-started', stage: 'kernel', title: 'Kernel scx' },
    { t: 0, type: 'stage-progress', stage: 'kernel', detail: 'asking' },
    { t: 0, type: 'stage-progress', stage: 'kernel', detail: 'fetching' },
    { t: 0, type: 'notice', level: 'warning', message: 'emulated' },
  ];

  const exited: DevboxEvent = { t: 0, type: 'workload-exited', exit: { code: 1 }, ms: 1 };

  it('keeps every byte, and the two streams apart', async () => {
    const { stdout, stderr } = await pass([output(EVERY_BYTE), output(EVERY_BYTE, { fd: 2 })]);
    expect(stdout.bytes()).toEqual(Buffer.from(EVERY_BYTE));
    expect(stderr.bytes()).toEqual(Buffer.from(EVERY_BYTE));
  });

  it('says nothing of its own but what takes long, once for each stage', async () => {
    const { stdout, stderr } = await pass([...stages, exited, { t: 0, type: 'verdict', verdict: VERDICT }]);
    expect(stdout.text()).toBe('');
    expect(stderr.text()).toBe('devbox: kernel: asking\n');
  });

  it('leaves it to a command to say that it failed, and says it of one that never ended', async () => {
    const verdict: DevboxEvent = {
      t: 0,
      type: 'verdict',
      verdict: { ...VERDICT, kind: 'test-failed', summary: 'The guest went away by itself.' },
    };
    expect((await pass([exited, verdict])).stderr.text()).toBe('');
    expect((await pass([verdict])).stderr.text()).toContain('test-failed: The guest went away by itself.');
  });

  it('says nothing at all when it is to be quiet', async () => {
    expect((await pass(stages, { quiet: true })).stderr.text()).toBe('');
  });

  it("shows a verdict that is not the command's own", async () => {
    const verdict: Verdict = { ...VERDICT, kind: 'kernel-panic', summary: 'Oh.', hint: 'Look.' };
    const { stderr } = await pass([{ t: 0, type: 'verdict', verdict }]);
    expect(stderr.text()).toMatch(/^devbox: kernel-panic: Oh\.\n {2}│ bad .*\n {2}hint: Look\.\n$/);
  });

  it('makes bytes safe for a terminal, unless they are those of a shell', async () => {
    const events = [
      output('\u001b[2Jcaf\u00c3'),
      output(Buffer.from('caf\xc3', 'latin1')),
      output(Buffer.from([0xa9])),
    ];
    expect((await pass(events, { tty: true })).stdout.text()).toBe('^[[2JcafÃcafé');
    expect((await pass(events, { tty: true, raw: true })).stdout.text()).toBe('\u001b[2JcafÃcafé');
  });
});

describe('colours', () => {
  it.each([
    ['auto', true, {}, true],
    ['auto', false, {}, false],
    ['auto', true, { NO_COLOR: '1' }, false],
    ['auto', true, { NO_COLOR: '' }, true],
    ['auto', true, { TERM: 'dumb' }, false],
    ['always', false, { NO_COLOR: '1' }, true],
    ['never', true, {}, false],
  ] as const)('%s, terminal %s, %j → %s', (choice, isTty, env, expected) => {
    expect(wantsColor(choice, isTty, env)).toBe(expected);
  });
});
