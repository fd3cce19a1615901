import { describe, expect, test } from 'vitest';
import { bulkVerdictOf, verdictOf } from './verdict.js';

function failed(status: number, type = 'some_exception', reason = 'why') {
  return verdictOf({ status, error: { type, reason } });
}

describe('one document', () => {
  test.each([200, 201])('%i is delivered', (status) => {
    expect(verdictOf({ status })).toEqual({ outcome: 'delivered' });
  });

  test('409 is delivered: the id is there already', () => {
    expect(failed(409, 'version_conflict_engine_exception')).toEqual({ outcome: 'delivered' });
  });

  test('201 that was redirected to the failure store is rejected', () => {
    expect(verdictOf({ status: 201, failure_store: 'used' })).toMatchObject({ outcome: 'rejected' });
  });

  test.each([429, 502, 503, 504])('%i is retried for as long as it takes', (status) => {
    expect(failed(status)).toMatchObject({ outcome: 'retry', isLimited: false, status });
  });

  test('a blocked index is waited for, whatever its status', () => {
    expect(failed(403, 'cluster_block_exception')).toMatchObject({ outcome: 'retry', isLimited: false });
  });

  test.each([500, 501, 507])('%i is retried to a limit', (status) => {
    expect(failed(status)).toMatchObject({ outcome: 'retry', isLimited: true });
  });

  test('404 of an index that is not there is retried to a limit', () => {
    expect(failed(404, 'index_not_found_exception')).toMatchObject({ outcome: 'retry', isLimited: true });
  });

  test.each([
    [400, 'document_parsing_exception', 'failed to parse', 'mapping'],
    [400, 'mapper_parsing_exception', 'failed to parse', 'mapping'],
    [400, 'strict_dynamic_mapping_exception', 'not allowed', 'mapping'],
    [400, 'illegal_argument_exception', 'Limit of total fields [1000] has been exceeded', 'mapping'],
    [400, 'illegal_argument_exception', 'mapper [a] cannot be changed from type [long] to [text]', 'mapping'],
    [400, 'illegal_argument_exception', 'pipeline with id [x] does not exist', 'rejected'],
    [403, 'security_exception', 'not allowed', 'rejected'],
    [413, 'some_exception', 'too large', 'too-large'],
  ])('%i %s (%s) is rejected as %s', (status, type, reason, expected) => {
    expect(failed(status, type, reason)).toEqual({
      outcome: 'rejected',
      reason: expected,
      status,
      error: `${type}: ${reason}`,
    });
  });

  test("the error names its cause where that says more, and a missing error's status", () => {
    const error = {
      type: 'a',
      reason: 'failed to parse',
      caused_by: { type: 'b', reason: 'For input string' },
    };
    expect(verdictOf({ status: 400, error })).toMatchObject({
      error: 'a: failed to parse: For input string',
    });
    expect(verdictOf({ status: 418 })).toMatchObject({ outcome: 'rejected', error: 'status 418' });
  });
});

describe('a whole bulk', () => {
  test.each([
    [0, 'retry'],
    [401, 'retry'],
    [403, 'retry'],
    [404, 'retry'],
    [429, 'retry'],
    [503, 'retry'],
    [400, 'split'],
    [413, 'split'],
    [500, 'retry-limited'],
  ])('with status %i: %s', (status, expected) => {
    expect(bulkVerdictOf(status)).toBe(expected);
  });
});
