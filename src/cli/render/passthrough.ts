import { escapeForTerminal } from '../../core/escape-bytes.ts';
import type { DevboxEvent, StageName } from '../../core/event.ts';
import { passthroughVerdictLines } from '../../results/summary-lines.ts';
import type { Output } from '../output.ts';
import { noticeLines } from './event-lines.ts';
import { bareLine } from './format-line.ts';
import type { Renderer } from './renderer.ts';
import { paint } from './style.ts';

export interface PassthroughOptions {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly color: boolean;
  /** A shell's bytes are meant for the user's terminal; those of any other command are made safe for it. */
  readonly rawOnTerminal: boolean;
  /** Nothing of our own but a verdict that is not the command's. */
  readonly quiet: boolean;
}

/**
 * The command's own standard output and error, byte for byte. devbox itself speaks on standard error only, and only
 * when something takes long or goes wrong; on a terminal also in one line that is wiped before the command's first byte.
 */
export function createPassthroughRenderer(options: PassthroughOptions): Renderer {
  const { stdout, stderr, color, rawOnTerminal, quiet } = options;
  const status = createStatusLine(stderr, { color, enabled: stderr.isTty && !quiet });
  const announced = new Set<StageName>();
  let hasEnded = false;
  const decoders = { 1: new TextDecoder(), 2: new TextDecoder() };

  const copy = (fd: 1 | 2, data: Uint8Array) => {
    const output = fd === 1 ? stdout : stderr;
    if (rawOnTerminal || !output.isTty) return output.write(data);
    return output.write(escapeForTerminal(decoders[fd].decode(data, { stream: true })));
  };

  return {
    sink: (event: DevboxEvent) => {
      switch (event.type) {
        case 'guest-output':
          status.clear();
          return copy(event.fd, event.data);
        case 'stage-started':
          return status.show(event.title);
        case 'stage-progress':
          if (stderr.isTty) return status.show(event.detail);
          if (quiet || announced.has(event.stage)) return;
          announced.add(event.stage);
          return stderr.write(`devbox: ${event.stage}: ${escapeForTerminal(event.detail)}\n`);
        case 'notice':
          if (quiet || !stderr.isTty || event.level !== 'warning') return;
          status.clear();
          return stderr.write(
            noticeLines(event.level, event.message, event.hint)
              .map((styled) => bareLine(styled, color))
              .join(''),
          );
        case 'workload-started':
          return status.clear();
        case 'workload-exited':
          hasEnded = true;
          return;
        case 'verdict':
          status.clear();
          return stderr.write(
            passthroughVerdictLines(event.verdict, hasEnded)
              .map((styled) => bareLine(styled, color))
              .join(''),
          );
        default:
          return;
      }
    },
    finish: async () => status.clear(),
  };
}

/** One line at the bottom of a terminal that is overwritten and wiped; nothing elsewhere. */
function createStatusLine(stderr: Output, { color, enabled }: { color: boolean; enabled: boolean }) {
  let isShown = false;
  return {
    show: (text: string) => {
      if (!enabled) return;
      isShown = true;
      const [first = ''] = escapeForTerminal(text).split('\n');
      void stderr.write(`\r\u001b[K${paint(`devbox: ${first.slice(0, 70)}`, 'dim', color)}`);
    },
    clear: () => {
      if (isShown) void stderr.write('\r\u001b[K');
      isShown = false;
    },
  };
}
