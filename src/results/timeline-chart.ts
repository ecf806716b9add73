/** A turn of a task on a CPU; times in ns. */
export interface Turn {
  readonly cpu: number;
  readonly pid: number;
  readonly start: number;
  readonly end: number;
}

export interface TimelineChart {
  /** For each CPU a row of characters: the task that had most of that moment, `.` when the CPU was idle for most of it. */
  readonly rows: readonly string[];
  /** What is drawn, ns. */
  readonly from: number;
  readonly to: number;
  /** Which task a character is; tasks beyond those are drawn as `#`. */
  readonly letters: ReadonlyMap<string, number>;
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const IDLE = '.';
const OTHER = '#';

/** Draws what ran where up to `to`, in `width` columns, for the first `cpus` CPUs. */
export function timelineChart(
  turns: readonly Turn[],
  { cpus, width, to }: { readonly cpus: number; readonly width: number; readonly to: number },
): TimelineChart {
  const letters = new Map<number, string>();
  const letterOf = (pid: number) => {
    const known = letters.get(pid) ?? LETTERS[letters.size] ?? OTHER;
    if (known !== OTHER) letters.set(pid, known);
    return known;
  };
  const column = to / width;
  const cells = Array.from({ length: cpus }, () =>
    Array.from({ length: width }, () => ({ letter: IDLE, most: 0, busy: 0 })),
  );
  for (const { cpu, pid, start, end } of turns.toSorted((a, b) => a.start - b.start)) {
    const row = cells[cpu];
    if (!row || start >= to) continue;
    const letter = letterOf(pid);
    for (let index = Math.floor(start / column); index < width && index * column < end; index += 1) {
      const cell = row[index];
      if (!cell) break;
      const part = Math.min(end, (index + 1) * column) - Math.max(start, index * column);
      cell.busy += part;
      if (part > cell.most) {
        cell.most = part;
        cell.letter = letter;
      }
    }
  }
  const draw = ({ letter, busy }: { letter: string; busy: number }) => (busy * 2 >= column ? letter : IDLE);
  return {
    rows: cells.map((row) => row.map(draw).join('')),
    ...{ from: 0, to },
    letters: new Map([...letters].map(([pid, letter]) => [letter, pid])),
  };
}
