/** The panel at the side in which one thing is shown in full. */
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Icon } from '../shell/icons.js';

interface SidePanelProps {
  label: string;
  /** Changes when another thing is shown: the panel then begins at its top. */
  of: string;
  title: ComponentChildren;
  actions?: ComponentChildren;
  onClose: () => void;
  onStep?: ((by: number) => void) | undefined;
  children: ComponentChildren;
}

/** The panel. */
export function SidePanel(props: SidePanelProps): JSX.Element {
  const body = useRef<HTMLDivElement>(null);
  const { of, onStep } = props;
  // another thing is shown from its top.
  useEffect(() => {
    if (body.current) body.current.scrollTop = 0;
  }, [of]);
  return (
    <aside class="panel" aria-label={props.label}>
      <header class="panel-head">
        <div class="panel-title">{props.title}</div>
        {onStep && (
          <>
            <button
              type="button"
              class="quiet icon-only"
              aria-label="Previous record"
              title="Previous (k)"
              onClick={() => onStep(-1)}
            >
              <Icon name="up" />
            </button>
            <button
              type="button"
              class="quiet icon-only"
              aria-label="Next record"
              title="Next (j)"
              onClick={() => onStep(1)}
            >
              <Icon name="down" />
            </button>
          </>
        )}
        <button
          type="button"
          class="quiet icon-only"
          aria-label="Close panel"
          title="Close (Esc)"
          onClick={props.onClose}
        >
          <Icon name="close" />
        </button>
      </header>
      {props.actions && <div class="panel-actions">{props.actions}</div>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by key */}
      <div class="panel-body" ref={body} tabIndex={0} role="region" aria-label={`${props.label}, content`}>
        {props.children}
      </div>
    </aside>
  );
}
