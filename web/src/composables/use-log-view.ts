import type { JobState, StepView } from '#server/api';
import { computed, nextTick, ref, shallowReactive, watch, type ComputedRef, type Ref, type ShallowRef } from 'vue';
import type { LogPlace } from '../api/log-client.ts';
import { isFoldedAtFirst } from '../lib/log/job-steps.ts';
import { extendRange, readLineRange, writeLineRange, type LineRange } from '../lib/log/line-range.ts';
import { formatLineTime, type TimeMode } from '../lib/log/line-times.ts';
import { LINE_LIMIT, type TextLine } from '../lib/log/log-text.ts';
import { layOutLines, layOutSteps, stepOfLine } from '../lib/log/rows.ts';
import { isOnMachine } from '../lib/status.ts';
import { useLogHeights } from './use-log-heights.ts';
import { useLogScroll, type LogScroll, ROW_HEIGHT } from './use-log-scroll.ts';
import { useLogSearch, type LogFinder } from './use-log-search.ts';
import { useLog, type Log } from './use-log.ts';

/** One row as drawn. */
export type ViewRow =
  | { kind: 'head'; key: string; row: number; step: StepView; isFolded: boolean }
  | { kind: 'line'; key: string; row: number; line: number; text: TextLine | null; time: string | null; isSelected: boolean };

export interface LogViewOptions {
  log: LogPlace;
  isComplete: boolean;
  element: Readonly<ShallowRef<HTMLElement | null>>;
  steps: Readonly<Ref<StepView[]>>;
  state: Readonly<Ref<JobState>>;
  /** Where it opens for a failed job, from 0; undefined while that is being looked for. */
  errorLine: Readonly<Ref<number | null | undefined>>;
}

export interface LogView {
  log: Log;
  finder: LogFinder;
  scroll: LogScroll;
  rows: ComputedRef<ViewRow[]>;
  lineCount: ComputedRef<number>;
  /** The longest line seen, in characters; the text's width for sideways scrolling. */
  columns: Ref<number>;
  /** The view's width in pixels. */
  width: Ref<number>;
  times: Ref<TimeMode>;
  isWrapped: Ref<boolean>;
  range: Ref<LineRange | null>;
  newLines: ComputedRef<number>;
  toggle: (stepIndex: number) => void;
  goToLine: (line: number) => void;
  goToStep: (by: number) => void;
  choose: (number: number, isExtending: boolean) => void;
  clearRange: () => void;
  showMore: (line: number, limit: number) => void;
}

/** Everything a log's viewer shows and does, without its drawing. */
export function useLogView(options: LogViewOptions): LogView {
  const log = useLog(options.log, !options.isComplete);
  const { steps } = options;
  const times = ref<TimeMode>('none');
  const isWrapped = ref(false);
  const columns = ref(0);
  const range = ref<LineRange | null>(readLineRange(window.location.hash));
  /** What the reader folded or opened by hand, by the step's index. */
  const folded = shallowReactive(new Map<number, boolean>());
  const limits = shallowReactive(new Map<number, number>());

  const lineCount = computed(() => (log.version.value >= 0 ? (log.store.value?.index.lines ?? 0) : 0));
  const finder = useLogSearch(options.log, () => topLine());

  const isFolded = (place: number): boolean => {
    const step = steps.value[place];
    return step ? (folded.get(step.index) ?? isFoldedAtFirst(step, steps.value)) : false;
  };
  const layout = computed(() => {
    const found = finder.isFiltering.value ? finder.result.value : null;
    return found ? layOutLines(found.lines.filter((line) => line < lineCount.value)) : layOutSteps(steps.value, lineCount.value, isFolded);
  });

  const textOf = (line: number): TextLine | null => log.store.value?.lineAt(line, limits.get(line) ?? LINE_LIMIT) ?? null;
  const { heightOf, width } = useLogHeights({ element: options.element, layout, textOf, isWrapped, hasTimes: () => times.value !== 'none' });
  const scroll = useLogScroll({ element: options.element, rows: () => layout.value.count, heightOf, isUneven: () => isWrapped.value });

  const visible = computed(() => ({
    from: scroll.anchor.value.row,
    to: Math.min(layout.value.count, scroll.anchor.value.row + Math.ceil(scroll.viewHeight.value / ROW_HEIGHT) + 2),
  }));

  const rows = computed<ViewRow[]>(() => {
    // Read for being told of changes: the store itself is no reactive thing.
    if (log.version.value < 0) return [];
    const drawn: ViewRow[] = [];
    for (let row = visible.value.from; row < visible.value.to; row += 1) {
      const drawing = drawRow(row);
      if (drawing) drawn.push(drawing);
    }
    return drawn;
  });

  function drawRow(row: number): ViewRow | null {
    const found = layout.value.rowAt(row);
    if (!found) return null;
    if (found.kind === 'line') return drawLine(row, found.line);
    const step = steps.value[found.step];
    return step ? { kind: 'head', key: `step-${step.index}`, row, step, isFolded: isFolded(found.step) } : null;
  }

  function drawLine(row: number, line: number): ViewRow {
    const isSelected = range.value !== null && line + 1 >= range.value.first && line + 1 <= range.value.last;
    return { kind: 'line', key: `line-${line}`, row, line, text: textOf(line), time: timeOf(line), isSelected };
  }

  function timeOf(line: number): string | null {
    if (times.value === 'none') return null;
    const index = log.store.value?.index;
    if (!index) return '';
    return formatLineTime(times.value, index.timeOfLine(line), index.timeOfLine(line - 1), index.timeOfLine(0));
  }

  function topLine(): number {
    const row = layout.value.rowAt(scroll.anchor.value.row);
    if (!row) return 0;
    return row.kind === 'line' ? row.line : (steps.value[row.step]?.startLine ?? 0);
  }

  watch(
    rows,
    (drawn) => {
      const lines = drawn.flatMap((row) => (row.kind === 'line' ? [row.line] : []));
      const [first, last] = [lines[0], lines.at(-1)];
      if (first === undefined || last === undefined) return;
      // A filter's lines are far apart: each is wanted for itself.
      if (last - first > lines.length * 4) for (const line of lines) log.want(line, line + 1);
      else log.want(first, last + 1);
      const longest = Math.max(
        ...drawn.map((row) => (row.kind === 'line' && row.text ? row.text.spans.reduce((sum, span) => sum + span.text.length, 0) : 0)),
      );
      if (longest > columns.value) columns.value = longest;
    },
    { immediate: true },
  );

  /** Changes the layout while what stands at the top stays there. */
  function keepPlace(change: () => void): void {
    const line = topLine();
    const before = layout.value.rowOfLine(line);
    const isHead = layout.value.rowAt(scroll.anchor.value.row)?.kind === 'head';
    change();
    const wasFollowing = scroll.isFollowing.value;
    if (before === layout.value.rowOfLine(line) || isHead) return;
    scroll.setAnchor({ row: layout.value.rowOfLine(line), offset: scroll.anchor.value.offset });
    scroll.isFollowing.value = wasFollowing;
  }

  function toggle(stepIndex: number): void {
    const place = steps.value.findIndex((step) => step.index === stepIndex);
    scroll.isFollowing.value = false;
    keepPlace(() => folded.set(stepIndex, !isFolded(place)));
  }

  function goToLine(line: number): void {
    const place = stepOfLine(steps.value, line);
    const step = place === null ? undefined : steps.value[place];
    if (step && place !== null && isFolded(place)) folded.set(step.index, false);
    void nextTick(() => scroll.goToRow(layout.value.rowOfLine(line)));
  }

  function goToStep(by: number): void {
    const rowsOfHeads = steps.value.map((_, place) => layout.value.rowOfHead(place));
    const at = scroll.anchor.value.row;
    const row = by > 0 ? rowsOfHeads.find((head) => head > at) : rowsOfHeads.findLast((head) => head < at);
    if (row !== undefined) scroll.goToRow(row, 0);
  }

  watch(finder.isFiltering, (isFiltering) => {
    if (isFiltering) scroll.setAnchor({ row: 0, offset: 0 });
    else if (finder.currentLine.value !== null) goToLine(finder.currentLine.value);
  });
  watch(finder.currentLine, (line) => {
    if (line !== null) goToLine(line);
  });

  const seen = ref(0);
  watch([scroll.isFollowing, lineCount], ([isFollowing, lines], [wasFollowing]) => {
    if (isFollowing || wasFollowing) seen.value = lines;
  });
  const newLines = computed(() => (scroll.isFollowing.value || !isOnMachine(options.state.value) ? 0 : lineCount.value - seen.value));

  // Opens once: at the linked line, at the end while it runs, at what failed when it is done.
  const stop = watch(
    [log.store, scroll.viewHeight, options.errorLine],
    ([store, viewHeight, errorLine]) => {
      if (!store || viewHeight === 0) return;
      const isFailed = options.state.value === 'failed' || options.state.value === 'errored';
      if (!range.value && isFailed && errorLine === undefined) return;
      void nextTick(() => stop());
      seen.value = store.index.lines;
      if (range.value) goToLine(range.value.first - 1);
      else if (isFailed && errorLine != null) goToLine(errorLine);
      else void nextTick(scroll.goToEnd);
    },
    { immediate: true, flush: 'post' },
  );

  function choose(number: number, isExtending: boolean): void {
    range.value = isExtending ? extendRange(range.value, number) : { first: number, last: number };
    history.replaceState(history.state, '', writeLineRange(range.value));
  }

  function clearRange(): void {
    range.value = null;
    history.replaceState(history.state, '', window.location.pathname + window.location.search);
  }

  function showMore(line: number, limit: number): void {
    limits.set(line, (limits.get(line) ?? limit) * 8);
  }

  return {
    log,
    finder,
    scroll,
    rows,
    lineCount,
    columns,
    width,
    times,
    isWrapped,
    range,
    newLines,
    toggle,
    goToLine,
    goToStep,
    choose,
    clearRange,
    showMore,
  };
}
