/** Closes something small when the user clicks elsewhere or presses Escape. */
import type { RefObject } from 'preact';
import { useEffect } from 'preact/hooks';

/** Calls `close` on a click outside the element or on Escape, while `open`. */
export function useDismiss(element: RefObject<HTMLElement>, open: boolean, close: () => void): void {
  useEffect(() => {
    if (!open) return undefined;
    const clicked = (event: PointerEvent) => {
      if (!element.current?.contains(event.target as Node)) close();
    };
    const pressed = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      close();
      element.current?.querySelector<HTMLElement>('button, input')?.focus();
    };
    document.addEventListener('pointerdown', clicked, true);
    document.addEventListener('keydown', pressed, true);
    return () => {
      document.removeEventListener('pointerdown', clicked, true);
      document.removeEventListener('keydown', pressed, true);
    };
  }, [element, open, close]);
}
