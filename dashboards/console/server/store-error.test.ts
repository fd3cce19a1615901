import { errors } from '@elastic/elasticsearch';
import { describe, expect, it } from 'vitest';
import { partialFailure, refusedQuery, storeError } from './store-error.js';

const URL = 'http://elastic:secret@store:9200';

function refusal(status: number, cause: object): unknown {
  const body = {
    error: { root_cause: [cause], type: 'search_phase_execution_exception', reason: 'all shards failed' },
  };
  return new errors.ResponseError({
    statusCode: status,
    body,
    headers: {},
    warnings: null,
    meta: {} as never,
  });
}

function parseFailure(reason: string): unknown {
  const caused_by = { type: 'parse_exception', reason };
  return refusal(400, { type: 'query_shard_exception', reason: 'Failed to parse query [x]', caused_by });
}

describe('an error of the store', () => {
  it('that is the query’s own becomes one line with the column', () => {
    const cases: [string, string, number][] = [
      [
        'Cannot parse \'a:(b\': Encountered "<EOF>" at line 1, column 4.\nWas expecting one of:\n    <AND> ...',
        'The query cannot be read: it ends too early (column 5).',
        5,
      ],
      [
        'Cannot parse \'a AND )\': Encountered " ")" ") "" at line 1, column 6.\nWas expecting one of:',
        'The query cannot be read: “)” does not belong there (column 7).',
        7,
      ],
      [
        'Encountered " <OR> "OR "" at line 1, column 6.\nWas expecting one of:',
        'The query cannot be read: “OR” does not belong there (column 7).',
        7,
      ],
      [
        'Cannot parse \'"abc\': Lexical error at line 1, column 5.  Encountered: <EOF> (in lexical state 0) after : ""',
        'The query cannot be read: a quote or a slash is not closed (column 5).',
        5,
      ],
      [
        "Cannot parse '\"abc': Lexical error: the quote is not closed at line 1, column 0.",
        'The query cannot be read: the quote is not closed (column 1).',
        1,
      ],
    ];
    for (const [reason, message, column] of cases) {
      expect(storeError(parseFailure(reason), URL)).toMatchObject({
        code: 'ERR_WARREN_QUERY',
        statusCode: 400,
        message,
        column,
      });
    }
  });

  it('says which text is no number', () => {
    const caused_by = { type: 'number_format_exception', reason: 'For input string: "abc"' };
    const error = refusal(400, {
      type: 'query_shard_exception',
      reason: 'failed to create query',
      caused_by,
    });
    expect(storeError(error, URL).message).toContain('“abc”');
  });

  it('says what to do when the store is away or refuses access, and never shows the password', () => {
    const away = storeError(new errors.ConnectionError('connect ECONNREFUSED 127.0.0.1:9200'), URL);
    expect(away).toMatchObject({ code: 'ERR_WARREN_STORE_UNREACHABLE', statusCode: 502 });
    expect(away.message).toContain('http://store:9200');
    expect(away.message).not.toContain('secret');
    expect(storeError(refusal(401, { type: 'security_exception', reason: 'no' }), URL).code).toBe(
      'ERR_WARREN_STORE_ACCESS',
    );
  });

  it('is found in a reply that only some shards refused', () => {
    const caused_by = { type: 'parse_exception', reason: 'Encountered "<EOF>" at line 1, column 4.' };
    const failures = [
      { reason: { type: 'query_shard_exception', reason: 'Failed to parse query', caused_by } },
    ];
    expect(refusedQuery(failures)?.column).toBe(5);
    const lost = [{ reason: { type: 'no_shard_available_action_exception', reason: 'no active shard' } }];
    expect(refusedQuery(lost)).toBeNull();
    expect(partialFailure(lost)).toBe('Some of the data could not be read: no active shard');
    expect(partialFailure([])).toBeNull();
  });
});
