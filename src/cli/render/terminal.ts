import type { DevboxEvent, StageProgress } from '../../core/event.ts';
import type { Output } from '../output.ts';
import { createPlainRenderer } from './plain.ts';
import type { Renderer } from './renderer.ts';
import { createStageBoard, isBoardStage, type StageBoard, type StageBoardOptions } from './stage-board.ts';

/** Moving stages until the guest is ready, then live lines with a colour for each stream, and the summary. */
export function createTerminalRenderer(out: Output, options: StageBoardOptions): Renderer {
  let board: StageBoard | undefined;
  let closing: Promise<void> | undefined;
  // The list owns the terminal while it moves, so what is to be said waits until it has stopped.
  let held: (string | Uint8Array)[] = [];
  const gate: Output = {
    ...out,
    write: (data) => {
      if (!board) return out.write(data);
      held.push(data);
      return closing;
    },
  };
  const lines = createPlainRenderer(gate, options.color);

  const endBoard = async (ending: StageBoard) => {
    await ending.end();
    board = undefined;
    closing = undefined;
    const texts = held;
    held = [];
    for (const text of texts) await out.write(text);
  };

  const sink = (event: DevboxEvent): void | Promise<void> => {
    if (event.type === 'stage-started' && isBoardStage(event.stage) && !closing) {
      board ??= createStageBoard(options);
      return board.start(event.stage, event.title);
    }
    if (board && !closing) {
      if (event.type === 'stage-progress') {
        return board.progress(event.stage, event.detail, ratioOf(event));
      }
      if (event.type === 'stage-finished') return board.finish(event);
      // A booting kernel says hundreds of lines; the record has them, and the verdict quotes them when boot fails.
      if (event.type === 'console-line') return board.progress('boot', event.text);
      if (endsBoard(event)) closing = endBoard(board);
    }
    if (event.type === 'stage-started' || event.type === 'stage-progress') return;
    return lines.sink(event);
  };

  return {
    sink,
    finish: async () => {
      if (board && !closing) closing = endBoard(board);
      await closing;
      await lines.finish();
    },
  };
}

function ratioOf({ done, total }: StageProgress): number | undefined {
  return done === undefined || total === undefined || total === 0 ? undefined : done / total;
}

function endsBoard({ type }: DevboxEvent): boolean {
  return (
    type === 'stage-started' ||
    type === 'guest-output' ||
    type === 'agent-started' ||
    type === 'workload-started' ||
    type === 'suite-started' ||
    type === 'test-finished' ||
    type === 'verdict' ||
    type === 'run-finished'
  );
}
