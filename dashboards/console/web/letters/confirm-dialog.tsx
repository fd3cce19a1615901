/** Asks before much is done at once. */
import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

interface Question {
  title: string;
  text: string;
  action: string;
  onYes: () => void;
}

/** What is asked; null while nothing is. */
export const question = signal<Question | null>(null);

/** The dialog. */
export function ConfirmDialog(): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const asked = question.value;
  useEffect(() => {
    if (asked && !dialog.current?.open) dialog.current?.showModal();
    if (!asked) dialog.current?.close();
  }, [asked]);
  const close = () => {
    question.value = null;
  };
  return (
    <dialog ref={dialog} class="confirm" aria-labelledby="confirm-title" onClose={close}>
      {asked && (
        <>
          <h2 id="confirm-title">{asked.title}</h2>
          <p>{asked.text}</p>
          <div class="dialog-actions">
            <button type="button" onClick={close}>
              Cancel
            </button>
            <button
              type="button"
              class="main"
              onClick={() => {
                close();
                asked.onYes();
              }}
            >
              {asked.action}
            </button>
          </div>
        </>
      )}
    </dialog>
  );
}
