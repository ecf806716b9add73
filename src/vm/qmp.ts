import type { Socket } from 'node:net';
import { LineSplitter } from '../core/escape-bytes.ts';
import { Failure } from '../core/failure.ts';

const MAX_LINE_BYTES = 2 ** 22;

export interface QmpEvent {
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** QEMU's machine protocol: https://www.qemu.org/docs/master/interop/qmp-spec.html */
export interface Qmp {
  /** Runs one command. Rejects with `Failure` infrastructure/qmp when QEMU refuses it, infrastructure/qmp-gone when it has ended. */
  execute(command: string, args?: Readonly<Record<string, unknown>>): Promise<unknown>;
  /** The human monitor: for what QMP has no command for, such as registers. `cpu`: of which vCPU, counted from 0. */
  monitor(line: string, cpu?: number): Promise<string>;
  onEvent(listener: (event: QmpEvent) => void): void;
}

interface Waiting {
  readonly command: string;
  resolve(value: unknown): void;
  reject(error: Failure): void;
}

/** Speaks QMP over a connected socket; resolves once QEMU has accepted commands. */
export async function connectQmp(socket: Socket): Promise<Qmp> {
  const waiting = new Map<number, Waiting>();
  const listeners: ((event: QmpEvent) => void)[] = [];
  const lines = new LineSplitter(MAX_LINE_BYTES);
  let nextId = 1;
  let closed = false;

  const take = (line: string) => {
    const message = parse(line);
    if (typeof message.event === 'string') {
      const event = { event: message.event, data: asObject(message.data) };
      for (const listener of listeners) listener(event);
      return;
    }
    const answered = waiting.get(message.id as number);
    if (!answered) return; // The greeting, or an answer to nobody.
    waiting.delete(message.id as number);
    if (message.error === undefined) answered.resolve(message.return);
    else answered.reject(qmpFailure(answered.command, String(asObject(message.error).desc)));
  };
  socket.on('data', (chunk: Buffer) => {
    for (const line of lines.push(chunk)) take(line);
  });
  socket.on('error', () => {}); // 'close' follows and says all there is to say.
  socket.on('close', () => {
    closed = true;
    for (const { command, reject } of waiting.values()) reject(goneFailure(command));
    waiting.clear();
  });

  const execute: Qmp['execute'] = (command, args) =>
    new Promise((resolve, reject) => {
      if (closed) {
        reject(goneFailure(command));
        return;
      }
      const id = nextId;
      nextId += 1;
      waiting.set(id, { command, resolve, reject });
      socket.write(`${JSON.stringify({ execute: command, arguments: args, id })}\n`);
    });

  await execute('qmp_capabilities');
  return {
    execute,
    monitor: async (line, cpu = 0) =>
      String(await execute('human-monitor-command', { 'command-line': line, 'cpu-index': cpu })),
    onEvent: (listener) => void listeners.push(listener),
  };
}

function parse(line: string): Record<string, unknown> {
  try {
    return asObject(JSON.parse(line));
  } catch {
    return {};
  }
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function goneFailure(command: string): Failure {
  return new Failure({
    kind: 'infrastructure',
    code: 'qmp-gone',
    message: `QEMU ended before it had carried out "${command}".`,
  });
}

function qmpFailure(command: string, why: string): Failure {
  return new Failure({
    kind: 'infrastructure',
    code: 'qmp',
    message: `QEMU did not carry out "${command}": ${why}.`,
  });
}
