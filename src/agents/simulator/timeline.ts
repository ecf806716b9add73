/** A turn. */
export interface TimelineSegment {
  readonly cpu: number;
  readonly pid: number;
  /** ns */
  readonly start: number;
  readonly end: number;
}

export interface Timeline {
  add(cpu: number, pid: number, start: number, end: number): void;
  /** In the order in which they ended. */
  segments(): readonly TimelineSegment[];
  leftOut(): number;
}

/** Keeps the first `turns`. Neighbours of the same task on the same CPU are one. */
export function createTimeline(turns: number): Timeline {
  const kept: TimelineSegment[] = [];
  /** Where the last one of each CPU is in `kept`. */
  const last = new Map<number, number>();
  let leftOut = 0;
  return {
    add(cpu, pid, start, end) {
      if (start === end) return;
      const before = last.get(cpu) ?? -1;
      const neighbour = kept[before];
      if (neighbour?.pid === pid && neighbour.end === start) kept[before] = { ...neighbour, end };
      else if (kept.length < turns) last.set(cpu, kept.push({ cpu, pid, start, end }) - 1);
      else {
        last.delete(cpu);
        leftOut += 1;
      }
    },
    segments: () => kept,
    leftOut: () => leftOut,
  };
}
