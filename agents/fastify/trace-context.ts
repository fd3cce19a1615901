/**
 * The trace a request belongs to, by the rules of W3C Trace Context
 * (https://www.w3.org/TR/trace-context/): read from `traceparent`, or made anew.
 */
import { randomBytes } from 'node:crypto';

/** Where a request is in its trace. */
export interface TraceContext {
  /** The whole trace, 32 hexadecimal digits: `trace.id`. */
  readonly traceId: string;
  /** This request's part of it, 16 hexadecimal digits, made here: `span.id`. */
  readonly spanId: string;
  /** The caller's part, when there is a caller that said so: `parent.id`. */
  readonly parentId?: string;
  /** The header to send to the services that this one calls. */
  readonly traceparent: string;
}

/** Version, trace id, parent id and flags (section 3.2); what a later version may add comes after. */
const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const ONLY_ZEROS = /^0+$/;
/** The flag `sampled`; the others must not be passed on (section 3.2.2.5.2). */
const SAMPLED = 1;

/**
 * The context of a request.
 *
 * @param header the request's `traceparent`; a new trace is begun where it is missing, malformed or
 * sent more than once
 */
export function traceContextOf(header: string | readonly string[] | undefined): TraceContext {
  const spanId = randomId(8);
  const caller = typeof header === 'string' ? callerOf(header) : undefined;
  if (caller === undefined) {
    const traceId = randomId(16);
    // Nobody records spans here, so the decision to sample the trace is left to those who do.
    return { traceId, spanId, traceparent: `00-${traceId}-${spanId}-00` };
  }
  const { traceId, parentId, isSampled } = caller;
  // Whoever the caller's version is unknown to, goes on in its own (section 3.2.2.1 and 4.3).
  return { traceId, spanId, parentId, traceparent: `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}` };
}

function callerOf(header: string): { traceId: string; parentId: string; isSampled: boolean } | undefined {
  const [, version, traceId, parentId, flags, more] = TRACEPARENT.exec(header.trim()) ?? [];
  if (version === undefined || traceId === undefined || parentId === undefined || flags === undefined) {
    return undefined;
  }
  if (version === 'ff' || (version === '00' && more !== undefined)) return undefined;
  if (ONLY_ZEROS.test(traceId) || ONLY_ZEROS.test(parentId)) return undefined;
  return { traceId, parentId, isSampled: (Number.parseInt(flags, 16) & SAMPLED) !== 0 };
}

function randomId(bytes: number): string {
  for (;;) {
    const id = randomBytes(bytes).toString('hex');
    if (!ONLY_ZEROS.test(id)) return id;
  }
}
