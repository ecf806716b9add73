import type { DevboxEvent, StageProgress, SuiteProgress } from '../../core/event.ts';
import { line } from '../../results/styled-line.ts';
import { suiteLines } from '../../results/suite-lines.ts';
import { addToSummary, EMPTY_SUMMARY } from '../../results/summary.ts';
import { summaryLines } from '../../results/summary-lines.ts';
import type { Output } from '../output.ts';
import { eventLines } from './event-lines.ts';
import { bareLine, timedLine } from './format-line.ts';
import type { Renderer } from './renderer.ts';
import { StreamLines } from './stream-lines.ts';

const MANY_TESTS = 20;

/** A line for each thing, for pipes and CI: nothing moves, nothing is overwritten. */
export function createPlainRenderer(out: Output, color: boolean): Renderer {
  const streams = new StreamLines();
  let summary = EMPTY_SUMMARY;

  const held = () =>
    streams.end().map(({ source, text }) => timedLine(summary.ms, source, line(text), color));

  let mark = -1;
  /** What counts up a thousand times is worth ten lines. */
  const isNews = ({ done, total }: StageProgress): boolean => {
    if (done === undefined) return true;
    const reached = Math.floor(total ? (10 * done) / total : done / 100);
    const isNew = reached !== mark;
    mark = reached;
    return isNew;
  };

  /** A few results are told as they come; of many, some wait long for those before them. */
  const isNewOfSuite = ({ done, total }: SuiteProgress): boolean =>
    total >= MANY_TESTS &&
    done < total &&
    Math.floor((10 * done) / total) > Math.floor((10 * (done - 1)) / total);

  const textOf = (event: DevboxEvent): string => {
    if (event.type === 'stage-progress' && !isNews(event)) return '';
    if (event.type === 'suite-progress' && !isNewOfSuite(event)) return '';
    switch (event.type) {
      case 'guest-output':
        return streams
          .push(event)
          .map(({ source, text }) => timedLine(event.t, source, line(text), color))
          .join('');
      case 'console-line':
        return timedLine(event.t, 'console', line(event.text), color);
      case 'verdict':
        return held().join('');
      case 'run-finished':
        return (summary.suite ? suiteLines(summary, summary.suite) : summaryLines(summary))
          .map((styled) => bareLine(styled, color))
          .join('');
      default:
        return eventLines(event)
          .map((styled) => timedLine(event.t, 'devbox', styled, color))
          .join('');
    }
  };

  return {
    sink: (event) => {
      summary = addToSummary(summary, event);
      return out.write(textOf(event));
    },
    finish: async () => {
      await out.write(held().join(''));
    },
  };
}
