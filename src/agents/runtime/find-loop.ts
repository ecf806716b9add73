import { Session } from 'node:inspector/promises';
import { fileURLToPath } from 'node:url';
import type { SourceLocation } from './policy-error.ts';

interface CallFrame {
  readonly location: {
    readonly scriptId: string;
    readonly lineNumber: number;
    readonly columnNumber?: number;
  };
}

interface WorkerReply {
  readonly method?: string;
  readonly params?: {
    readonly callFrames?: readonly CallFrame[];
    readonly scriptId?: string;
    readonly url?: string;
  };
}

/**
 * Where this process's worker thread is just now, the innermost frame first, also when it is busy: it is stopped as a debugger
 * would, then let go. Empty after `patienceMs`: a thread that is not in JavaScript cannot be stopped.
 */
export async function findWorkerFrames(patienceMs: number): Promise<readonly SourceLocation[]> {
  const session = new Session();
  session.connect();
  const { promise, resolve } = Promise.withResolvers<readonly SourceLocation[]>();
  const timer = setTimeout(resolve, patienceMs, []);
  const files = new Map<string, string>();
  let id = 0;
  let sessionId = '';
  const command = (method: string) => {
    id += 1;
    const message = JSON.stringify({ id, method });
    return session.post('NodeWorker.sendMessageToWorker', { sessionId, message });
  };
  try {
    session.on('NodeWorker.attachedToWorker', (attached) => {
      sessionId = attached.params.sessionId;
      void command('Debugger.enable');
      void command('Debugger.pause');
    });
    session.on('NodeWorker.receivedMessageFromWorker', (received) => {
      const { method, params = {} } = JSON.parse(received.params.message) as WorkerReply;
      const { scriptId = '', url = '', callFrames = [] } = params;
      if (method === 'Debugger.scriptParsed' && url.startsWith('file:'))
        files.set(scriptId, fileURLToPath(url.replace(/\?.*$/, '')));
      if (method === 'Debugger.paused') resolve(callFrames.flatMap((frame) => locationOf(frame, files)));
    });
    await session.post('NodeWorker.enable', { waitForDebuggerOnStart: false });
    const frames = await promise;
    if (sessionId !== '') await command('Debugger.disable');
    return frames;
  } finally {
    clearTimeout(timer);
    session.disconnect();
  }
}

function locationOf({ location }: CallFrame, files: ReadonlyMap<string, string>): SourceLocation[] {
  const file = files.get(location.scriptId);
  return file === undefined
    ? []
    : [{ file, line: location.lineNumber + 1, column: (location.columnNumber ?? 0) + 1 }];
}
