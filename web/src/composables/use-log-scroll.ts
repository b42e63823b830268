import { nextTick, onScopeDispose, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue';
import {
  endAnchor,
  fromScrollTop,
  isAtEnd,
  MAX_SCROLL_HEIGHT,
  moveAnchor,
  scrollHeight,
  toScrollTop,
  type Anchor,
  type ScrollSpace,
} from '../lib/log/scroll.ts';

export const ROW_HEIGHT = 20;
/** Scrolling rests for this long (ms) before the scroll bar is put where the content really is. */
const REST = 120;

export interface LogScroll {
  anchor: ShallowRef<Anchor>;
  viewHeight: Ref<number>;
  /** Stays at the end as the log grows: only while the reader is there. */
  isFollowing: Ref<boolean>;
  height: () => number;
  onScroll: () => void;
  goToRow: (row: number, fraction?: number) => void;
  goToEnd: () => void;
  setAnchor: (anchor: Anchor) => void;
}

export interface LogScrollOptions {
  element: Readonly<ShallowRef<HTMLElement | null>>;
  rows: () => number;
  heightOf: (row: number) => number;
  /** Rows may be taller than ROW_HEIGHT. */
  isUneven: () => boolean;
}

/**
 * Scrolls rows of any number by a native scroll bar. The place is kept as an anchor (a row and pixels in it), not as pixels from the
 * top: small movements move the anchor by real pixels, jumps map the bar's place. So content may be taller than any browser's limit.
 */
export function useLogScroll(options: LogScrollOptions): LogScroll {
  const anchor = shallowRef<Anchor>({ row: 0, offset: 0 });
  const viewHeight = ref(0);
  const isFollowing = ref(false);
  let lastTop = 0;
  let rest: ReturnType<typeof setTimeout> | undefined;

  const space = (): ScrollSpace => ({ rows: options.rows(), rowHeight: ROW_HEIGHT, viewHeight: viewHeight.value });
  const isExact = (): boolean => !options.isUneven() && options.rows() * ROW_HEIGHT <= MAX_SCROLL_HEIGHT;

  function onScroll(): void {
    const element = options.element.value;
    if (!element) return;
    const top = element.scrollTop;
    const by = top - lastTop;
    lastTop = top;
    if (by === 0) return;
    const isJump = isExact() || Math.abs(by) > viewHeight.value * 2;
    anchor.value = isJump ? jump(top) : moveAnchor(anchor.value, by, space(), options.heightOf);
    isFollowing.value = isAtEnd(anchor.value, space(), options.heightOf);
    settle();
  }

  function jump(top: number): Anchor {
    const wanted = fromScrollTop(top, space());
    const end = endAnchor(space(), options.heightOf);
    return wanted.row > end.row || top >= scrollHeight(space()) - viewHeight.value - 1 ? end : wanted;
  }

  /** Puts the bar right: at once at its ends, where it could not move on, otherwise when scrolling rests. */
  function settle(): void {
    clearTimeout(rest);
    if (isExact()) return;
    const range = scrollHeight(space()) - viewHeight.value;
    const isStuck = lastTop <= 0 || lastTop >= range - 1;
    if (isStuck) placeBar();
    else rest = setTimeout(placeBar, REST);
  }

  function placeBar(): void {
    const element = options.element.value;
    if (!element) return;
    const wanted = toScrollTop(anchor.value, space());
    if (Math.abs(element.scrollTop - wanted) >= 1) element.scrollTop = wanted;
    lastTop = element.scrollTop;
  }

  function setAnchor(wanted: Anchor): void {
    anchor.value = moveAnchor(wanted, 0, space(), options.heightOf);
    isFollowing.value = isAtEnd(anchor.value, space(), options.heightOf);
    void nextTick(placeBar);
  }

  function goToRow(row: number, fraction = 0.3): void {
    setAnchor(moveAnchor({ row, offset: 0 }, -Math.round(viewHeight.value * fraction), space(), options.heightOf));
  }

  function goToEnd(): void {
    anchor.value = endAnchor(space(), options.heightOf);
    isFollowing.value = true;
    void nextTick(placeBar);
  }

  const observer = new ResizeObserver(() => {
    const height = options.element.value?.clientHeight ?? 0;
    if (height === viewHeight.value) return;
    viewHeight.value = height;
    if (isFollowing.value) goToEnd();
  });
  watch(
    options.element,
    (element) => {
      observer.disconnect();
      if (!element) return;
      viewHeight.value = element.clientHeight;
      observer.observe(element);
    },
    { flush: 'post' },
  );

  watch(options.rows, () => {
    if (isFollowing.value) goToEnd();
    else setAnchorQuietly();
  });

  /** Rows came or went elsewhere: the reader stays, the bar moves. */
  function setAnchorQuietly(): void {
    anchor.value = moveAnchor(anchor.value, 0, space(), options.heightOf);
    void nextTick(placeBar);
  }

  onScopeDispose(() => {
    clearTimeout(rest);
    observer.disconnect();
  });

  return { anchor, viewHeight, isFollowing, height: () => scrollHeight(space()), onScroll, goToRow, goToEnd, setAnchor };
}
