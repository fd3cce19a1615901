import { describe, expect, it } from 'vitest';
import { traceContextOf } from './trace-context.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';

describe('the context of a trace', () => {
  it('is the caller’s trace, with a span of its own', () => {
    const context = traceContextOf(`00-${TRACE}-${PARENT}-01`);
    expect(context).toEqual({
      traceId: TRACE,
      spanId: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
      parentId: PARENT,
      traceparent: `00-${TRACE}-${context.spanId}-01`,
    });
    expect(context.spanId).not.toBe(PARENT);
  });

  it('passes on no flag but that of sampling', () => {
    expect(traceContextOf(`00-${TRACE}-${PARENT}-fe`).traceparent).toMatch(/-00$/);
    expect(traceContextOf(`00-${TRACE}-${PARENT}-03`).traceparent).toMatch(/-01$/);
  });

  it('understands a later version, and goes on in its own', () => {
    const context = traceContextOf(`cc-${TRACE}-${PARENT}-01-what-the-future-adds`);
    expect(context).toMatchObject({ traceId: TRACE, parentId: PARENT });
    expect(context.traceparent).toMatch(/^00-/);
  });

  it.each([
    ['nothing', undefined],
    ['an empty text', ''],
    ['capital letters', `00-${TRACE.toUpperCase()}-${PARENT}-01`],
    ['the forbidden version', `ff-${TRACE}-${PARENT}-01`],
    ['a trace id of zeros', `00-${'0'.repeat(32)}-${PARENT}-01`],
    ['a parent id of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['a short trace id', `00-${TRACE.slice(1)}-${PARENT}-01`],
    ['a letter that is no digit', `00-${TRACE.slice(1)}g-${PARENT}-01`],
    ['more than version 0 has', `00-${TRACE}-${PARENT}-01-more`],
    ['a later version without its hyphen', `cc-${TRACE}-${PARENT}-01.more`],
    ['the header sent twice', `00-${TRACE}-${PARENT}-01, 00-${TRACE}-${PARENT}-01`],
    ['a list', [`00-${TRACE}-${PARENT}-01`]],
  ])('is a new trace for %s', (_, header) => {
    const context = traceContextOf(header);
    expect(context.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(context.traceId).not.toBe(TRACE);
    expect(context).not.toHaveProperty('parentId');
    expect(context.traceparent).toBe(`00-${context.traceId}-${context.spanId}-00`);
  });
});
