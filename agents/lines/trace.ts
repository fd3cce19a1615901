/**
 * Which lines continue a stack trace, in the words of Java, Python, Go and Node: a state machine that
 * sees one event from its first line to its last.
 *
 * Pure. Not responsible for limits or for the lines themselves (line-group.ts).
 */

/** The languages whose traces are known. */
export const LANGUAGES = ['java', 'python', 'go', 'node'] as const;
/** One of {@link LANGUAGES}. */
export type Language = (typeof LANGUAGES)[number];

/** Where in a trace the last line was; `line` is anywhere else. */
type State = 'line' | 'pythonFrames' | 'pythonEnd' | 'goPanic' | 'goFrames' | NodeState;
type NodeState = 'nodeSource' | 'nodeCaret' | 'nodeFrames';

const INDENTED = /^[ \t]+\S/;
/** The unindented lines inside a Java trace; the last a qualified class name: `java.lang.RuntimeException: late`. */
const JAVA: readonly RegExp[] = [
  /^Caused by: /,
  /^Suppressed: /,
  /^\.\.\. \d+ (more|common frames omitted)/,
  /^(?:[a-z_][\w$]*\.)+[A-Z][\w$]*(?:: |$)/,
];
const PYTHON_TRACEBACK = /^Traceback \(most recent call last\):/;
const PYTHON_FRAME = /^\s+File "/;
const PYTHON_CHAIN = /^(During handling of the above exception|The above exception was the direct cause)/;
/** With the time and place that the package `log` puts before it. */
const GO_PANIC =
  /^(?:\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d(?:\.\d+)? (?:\S+:\d+: )?)?(?:panic: |fatal error: |http: panic serving )/;
const GO_ROUTINE = /^goroutine \d+ .*\[.*\]:$/;
const GO_AFTER_PANIC = /^(\[signal |panic: |\[recovered\])/;
/** `main.(*Server).run(0xc000, ...)`, `created by main.main in goroutine 1`, the registers, the exit. */
const GO_FRAME = /^([\w./*()[\]·-]+\(.*\)$|created by |exit status \d+$|r[a-z0-9]{1,3}\s+0x)/;
const NODE_SOURCE = /^(file:\/\/)?[^\s:]*\.[cm]?[jt]s:\d+$|^node:[\w/-]+:\d+$/;
const NODE_CARET = /^\s*\^+\s*$/;
const NODE_FRAME = /^\s+at /;
const NODE_END = /^(}|Node\.js v\d)/;

/** Follows one event at a time. */
export class Trace {
  readonly #languages: ReadonlySet<Language>;
  #state: State = 'line';

  constructor(languages: readonly Language[]) {
    this.#languages = new Set(languages);
  }

  /** An event begins with this line. */
  begin(text: string): void {
    this.#state = this.#entered(text) ?? 'line';
  }

  /** Whether a blank line may stand within the event here. */
  get mayBeBlank(): boolean {
    return this.#state !== 'line' && this.#state !== 'pythonFrames' && this.#state !== 'nodeSource';
  }

  /**
   * Whether a line that is not blank belongs to the event.
   *
   * @param isAfterBlank whether there are blank lines between it and the line before
   */
  continues(text: string, isAfterBlank: boolean): boolean {
    const next = isAfterBlank ? this.#afterBlank(text) : this.#after(text);
    if (next === undefined) return false;
    this.#state = next;
    return true;
  }

  #has(language: Language): boolean {
    return this.#languages.has(language);
  }

  /** The state that a line leads to wherever it stands. */
  #entered(text: string): State | undefined {
    if (this.#has('python') && (PYTHON_TRACEBACK.test(text) || PYTHON_FRAME.test(text)))
      return 'pythonFrames';
    if (this.#has('go')) {
      if (GO_ROUTINE.test(text)) return 'goFrames';
      if (GO_PANIC.test(text)) return 'goPanic';
    }
    if (!this.#has('node')) return undefined;
    if (NODE_SOURCE.test(text)) return 'nodeSource';
    return NODE_FRAME.test(text) ? 'nodeFrames' : undefined;
  }

  #after(text: string): State | undefined {
    const state = this.#state;
    if (state === 'nodeSource') return NODE_CARET.test(text) ? 'nodeCaret' : 'nodeSource';
    if (INDENTED.test(text)) return this.#indented(text);
    if (this.#has('java') && JAVA.some((pattern) => pattern.test(text))) return 'line';
    if (this.#has('python')) {
      if (PYTHON_TRACEBACK.test(text)) return 'pythonFrames';
      // The line after the frames is the exception itself.
      if (state === 'pythonFrames' || PYTHON_CHAIN.test(text)) return 'pythonEnd';
    }
    if (this.#has('go')) {
      if (GO_ROUTINE.test(text)) return 'goFrames';
      if (state === 'goPanic' && GO_AFTER_PANIC.test(text)) return 'goPanic';
      if (state === 'goFrames' && GO_FRAME.test(text)) return 'goFrames';
    }
    if (state === 'nodeCaret') return 'nodeFrames';
    return state === 'nodeFrames' && NODE_END.test(text) ? 'nodeFrames' : undefined;
  }

  #indented(text: string): State {
    const state = this.#state;
    if (this.#has('python') && PYTHON_FRAME.test(text)) return 'pythonFrames';
    if (state === 'line' && this.#has('node') && NODE_FRAME.test(text)) return 'nodeFrames';
    return state;
  }

  #afterBlank(text: string): State | undefined {
    switch (this.#state) {
      case 'pythonEnd':
        if (PYTHON_TRACEBACK.test(text)) return 'pythonFrames';
        return PYTHON_CHAIN.test(text) ? 'pythonEnd' : undefined;
      case 'goPanic':
      case 'goFrames':
        if (GO_ROUTINE.test(text)) return 'goFrames';
        return GO_FRAME.test(text) && !text.includes('(') ? 'goFrames' : undefined;
      case 'nodeCaret':
        return 'nodeFrames';
      case 'nodeFrames':
        return /^Node\.js v\d/.test(text) ? 'nodeFrames' : undefined;
      default:
        return undefined;
    }
  }
}
