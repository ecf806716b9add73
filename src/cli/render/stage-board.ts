import { Listr, ListrLogger, type ListrTaskWrapper, ProcessOutput } from 'listr2';
import { escapeForTerminal } from '../../core/escape-bytes.ts';
import { STAGES, type StageFinished, type StageName } from '../../core/event.ts';
import { formatDuration } from '../../core/units.ts';
import { stageResult } from './event-lines.ts';

/** The stages up to a guest that is ready, as a list whose lines change while they go on. */
export interface StageBoard {
  start(stage: StageName, title: string): void;
  progress(stage: StageName, detail: string, ratio?: number): void;
  finish(event: StageFinished): void;
  isOpen(stage: StageName): boolean;
  /** Draws the last state, lets go of the terminal. What was open by then counts as failed. */
  end(): Promise<void>;
}

export interface StageBoardOptions {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly color: boolean;
}

/** Everything after these is live output. */
const BOARD_STAGES: readonly StageName[] = STAGES.slice(0, STAGES.indexOf('share') + 1);

export function isBoardStage(stage: StageName): boolean {
  return BOARD_STAGES.includes(stage);
}

const BAR_WIDTH = 24;

/** `[######------------------]  25 %` */
export function bar(ratio: number): string {
  const full = Math.floor(Math.min(1, Math.max(0, ratio)) * BAR_WIDTH);
  const percent = String(Math.floor(Math.min(1, Math.max(0, ratio)) * 100)).padStart(3);
  return `[${'#'.repeat(full)}${'-'.repeat(BAR_WIDTH - full)}] ${percent} %`;
}

interface Row {
  readonly settled: PromiseWithResolvers<void>;
  /** Undefined until it starts, and then the row appears. */
  title?: string;
  text: string;
  isOpen: boolean;
  /** By performance.now(). */
  began: number;
  wrapper?: Wrapper;
}

// biome-ignore lint/suspicious/noExplicitAny: listr2 gives its renderer types as parameters that do not matter here.
type Wrapper = ListrTaskWrapper<any, any, any>;

export function createStageBoard(options: StageBoardOptions): StageBoard {
  const rows = new Map<StageName, Row>();
  for (const stage of BOARD_STAGES) {
    rows.set(stage, { settled: Promise.withResolvers<void>(), text: '', isOpen: false, began: 0 });
  }
  const show = (row: Row, text: string) => {
    row.text = escapeForTerminal(text).replaceAll('\n', ' ');
    if (row.wrapper) row.wrapper.title = row.text;
  };
  const running = createList(rows, options).run();

  return {
    start: (stage, title) => {
      const row = rows.get(stage);
      if (!row) return;
      row.title = title;
      row.isOpen = true;
      row.began = performance.now();
      show(row, title);
    },
    progress: (stage, detail, ratio) => {
      const row = rows.get(stage);
      if (!row?.isOpen) return;
      const counted =
        ratio === undefined ? '' : `${bar(ratio)} ${formatDuration(performance.now() - row.began)}, `;
      show(row, `${row.title}: ${counted}${detail}`);
    },
    finish: (event) => {
      const row = rows.get(event.stage);
      if (!row) return;
      show(row, `${row.title ?? event.stage}: ${stageResult(event)}`);
      row.isOpen = false;
      if (event.outcome === 'failed') row.settled.reject(new Error(row.text));
      else row.settled.resolve();
    },
    isOpen: (stage) => rows.get(stage)?.isOpen === true,
    end: async () => {
      for (const row of rows.values()) {
        if (row.isOpen) row.settled.reject(new Error(row.text));
        else row.settled.resolve();
      }
      await running;
    },
  };
}

function createList(rows: ReadonlyMap<StageName, Row>, { stdout, stderr, color }: StageBoardOptions): Listr {
  const tasks = [...rows].map(([, row]) => ({
    task: (_context: unknown, wrapper: Wrapper) => {
      row.wrapper = wrapper;
      if (row.text !== '') wrapper.title = row.text;
      return row.settled.promise;
    },
  }));
  for (const row of rows.values()) row.settled.promise.catch(() => {}); // It may fail before the list has started it.
  return new Listr(tasks, {
    concurrent: true,
    exitOnError: false,
    // By default it takes SIGINT and ends the process: signals are ours, and the guest has to be put away first.
    registerSignalListeners: false,
    rendererOptions: {
      collapseErrors: true,
      showErrorMessage: false,
      formatOutput: 'truncate',
      logger: new ListrLogger({
        processOutput: new ProcessOutput(stdout, stderr, { leaveEmptyLine: false }),
      }),
      ...(color ? {} : { color: colorless() }),
    },
  });
}

const STATES = ['PENDING', 'COMPLETED', 'FAILED', 'OUTPUT', 'WAITING', 'CANCELLED'] as const;

function colorless() {
  const same = (text?: string) => text ?? '';
  return Object.fromEntries(STATES.map((state) => [state, same]));
}
