import { onScopeDispose, ref, watch, type ComputedRef, type Ref, type ShallowRef } from 'vue';
import type { TextLine } from '../lib/log/log-text.ts';
import type { RowLayout } from '../lib/log/rows.ts';
import { ROW_HEIGHT } from './use-log-scroll.ts';

export interface LogHeightsOptions {
  element: Readonly<ShallowRef<HTMLElement | null>>;
  layout: ComputedRef<RowLayout>;
  textOf: (line: number) => TextLine | null;
  isWrapped: Ref<boolean>;
  hasTimes: () => boolean;
}

/**
 * How tall rows are. All are one row high, unless long lines wrap: then what the browser made of those it has drawn, and for the others a
 * reckoning from their length, which is exact for plain monospaced text.
 */
export function useLogHeights(options: LogHeightsOptions): { heightOf: (row: number) => number; width: Ref<number> } {
  const width = ref(0);
  let characterWidth = 7.6;

  function drawnHeight(row: number): number | null {
    const drawn = options.element.value?.querySelector<HTMLElement>(`[data-at="${row}"]`);
    return drawn ? drawn.offsetHeight : null;
  }

  function heightOf(row: number): number {
    if (!options.isWrapped.value) return ROW_HEIGHT;
    const known = drawnHeight(row);
    if (known !== null && known > 0) return known;
    const found = options.layout.value.rowAt(row);
    const text = found?.kind === 'line' ? options.textOf(found.line) : null;
    if (!text) return ROW_HEIGHT;
    const length = text.spans.reduce((sum, span) => sum + span.text.length, 0);
    return Math.max(1, Math.ceil(length / columns())) * ROW_HEIGHT;
  }

  function columns(): number {
    const gutter = 120 + (options.hasTimes() ? 13 * characterWidth + 12 : 0);
    return Math.max(10, Math.floor((width.value - gutter) / characterWidth));
  }

  const observer = new ResizeObserver(measure);
  function measure(): void {
    const element = options.element.value;
    if (!element) return;
    width.value = element.clientWidth;
    const canvas = document.createElement('canvas').getContext('2d');
    if (!canvas) return;
    canvas.font = getComputedStyle(element).font;
    characterWidth = canvas.measureText('0').width;
  }

  watch(
    options.element,
    (element) => {
      observer.disconnect();
      if (!element) return;
      measure();
      observer.observe(element);
    },
    { flush: 'post' },
  );
  onScopeDispose(() => observer.disconnect());

  return { heightOf, width };
}
