/**
 * Which records are left out on purpose, because there are too many like them: by level and by message
 * template. What is left out is counted by reason.
 */
import { AgentOptionError } from '../errors.js';
import { LEVELS, type Level, type LogRecord } from '../record.js';

/** What is left out on purpose; at least one of `levels` and `templates`. */
export interface SamplingOptions {
  /** For each level, the share that is kept (default 1) and how many a second at most (default all). */
  levels?: { readonly [L in Level]?: { share?: number; perSecond?: number } };
  /** Of messages that differ in numbers and ids alone: so many a second, and of the others a share (default 0). */
  templates?: { perSecond: number; share?: number };
}

/** Why a record was left out: it was not in the share, or over a rate. */
export type LeftOutReason = 'sampled' | 'limited';

interface Window {
  second: number;
  count: number;
}

/** Templates that are told apart; when there are more, all are counted afresh. */
const TEMPLATES_MAX = 10_000;
const TEMPLATE_LENGTH_MAX = 200;
/** What makes two messages of one template differ: ids and numbers. */
const VARIABLE = /[0-9a-f]{8}-[0-9a-f-]{27}|\b(?=[a-f]*\d)[0-9a-f]{8,}\b|\d+/gi;
const HASH_STEPS = 2 ** 32;

/** The sampling of one publisher. */
export class Sampling {
  readonly #options: SamplingOptions;
  readonly #levels = Object.fromEntries(LEVELS.map((level) => [level, newWindow()])) as Record<Level, Window>;
  readonly #templates = new Map<string, Window>();

  /** @throws AgentOptionError for a share or a rate that cannot be used */
  constructor(options: SamplingOptions) {
    check(options);
    this.#options = options;
  }

  /** Why the record is left out, or `undefined` when it is not. */
  leavesOut(record: LogRecord, nowMs: number): LeftOutReason | undefined {
    const { levels, templates } = this.#options;
    const { level } = record.log;
    const { share = 1, perSecond } = levels?.[level] ?? {};
    if (!isInShare(record, share)) return 'sampled';
    const second = Math.floor(nowMs / 1000);
    if (templates !== undefined) {
      const isOver = count(this.#templateOf(record), second) > templates.perSecond;
      if (isOver && Math.random() >= (templates.share ?? 0)) return 'limited';
    }
    if (perSecond === undefined) return undefined;
    return count(this.#levels[level], second) > perSecond ? 'limited' : undefined;
  }

  #templateOf({ message, log, service }: LogRecord): Window {
    const template = String(message).slice(0, TEMPLATE_LENGTH_MAX).replace(VARIABLE, '#');
    const key = `${service.name} ${log.level} ${template}`;
    let window = this.#templates.get(key);
    if (window === undefined) {
      if (this.#templates.size >= TEMPLATES_MAX) this.#templates.clear();
      window = newWindow();
      this.#templates.set(key, window);
    }
    return window;
  }
}

function newWindow(): Window {
  return { second: 0, count: 0 };
}

/** Counts one more in the second that it is. */
function count(window: Window, second: number): number {
  if (window.second !== second) {
    window.second = second;
    window.count = 0;
  }
  window.count += 1;
  return window.count;
}

/** Records of one trace are kept or left out together, in whichever service they are. */
function isInShare({ trace }: LogRecord, share: number): boolean {
  if (share >= 1) return true;
  return (typeof trace?.id === 'string' ? fractionOf(trace.id) : Math.random()) < share;
}

/** FNV-1a of 32 bits, as a number from 0 to 1. */
function fractionOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let place = 0; place < text.length; place += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(place), 0x01000193);
  }
  // The last step of MurmurHash3: the upper bits of FNV alone differ too little.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / HASH_STEPS;
}

function check({ levels, templates }: SamplingOptions): void {
  if (levels === undefined && templates === undefined) {
    throw new AgentOptionError('The option sampling must have levels or templates.');
  }
  for (const [level, { share, perSecond }] of Object.entries(levels ?? {})) {
    if (!(LEVELS as readonly string[]).includes(level)) {
      throw new AgentOptionError(`The option sampling.levels knows only ${LEVELS.join(', ')}.`);
    }
    checkShare(`sampling.levels.${level}.share`, share);
    if (perSecond !== undefined) checkRate(`sampling.levels.${level}.perSecond`, perSecond);
  }
  if (templates === undefined) return;
  checkRate('sampling.templates.perSecond', templates.perSecond);
  checkShare('sampling.templates.share', templates.share);
}

function checkShare(name: string, share: unknown): void {
  if (share !== undefined && !(typeof share === 'number' && share >= 0 && share <= 1)) {
    throw new AgentOptionError(`The option ${name} must be a number from 0 to 1.`);
  }
}

function checkRate(name: string, rate: unknown): void {
  if (!(typeof rate === 'number' && rate >= 0)) {
    throw new AgentOptionError(`The option ${name} must be a number of at least 0.`);
  }
}
