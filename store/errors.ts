/**
 * Every error the store can give: {@link ApiError} is an answer in Elasticsearch's shape to a request,
 * {@link StoreError} an operating error of the store itself. Not responsible for sending them
 * (api/error-reply.ts).
 */
import type { JsonObject } from './json.js';

/** The cause Elasticsearch reports beneath an error. */
export interface ErrorCause {
  type: string;
  reason: string;
  caused_by?: ErrorCause;
}

/** A request that cannot be answered; becomes `{"error":{type,reason,…},"status":n}`. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly type: string;
  readonly causedBy: ErrorCause | undefined;
  /** Further members of the error object, such as `index`. */
  readonly extra: JsonObject;
  /** What stands under `root_cause` when it is not the error itself. */
  rootCause: JsonObject | undefined;

  constructor(status: number, type: string, reason: string, causedBy?: ErrorCause, extra: JsonObject = {}) {
    super(reason);
    this.status = status;
    this.type = type;
    this.causedBy = causedBy;
    this.extra = extra;
  }

  /** The error object without `root_cause`, as it stands in a bulk item. */
  toCause(): JsonObject {
    return {
      type: this.type,
      reason: this.message,
      ...this.extra,
      ...(this.causedBy === undefined ? {} : { caused_by: this.causedBy as unknown as JsonObject }),
    };
  }
}

/** 400 `illegal_argument_exception`. */
export function illegalArgument(reason: string, causedBy?: ErrorCause): ApiError {
  return new ApiError(400, 'illegal_argument_exception', reason, causedBy);
}

/** 400 `parsing_exception`: a request body that is JSON but not the language asked for. */
export function parsingException(reason: string, causedBy?: ErrorCause): ApiError {
  return new ApiError(400, 'parsing_exception', reason, causedBy);
}

/** 400 `mapper_parsing_exception`: a mapping that cannot be understood. */
export function mapperParsing(reason: string): ApiError {
  return new ApiError(400, 'mapper_parsing_exception', reason);
}

/** 404 `index_not_found_exception`. */
export function indexNotFound(name: string): ApiError {
  return new ApiError(404, 'index_not_found_exception', `no such index [${name}]`, undefined, {
    'resource.type': 'index_or_alias',
    'resource.id': name,
    index_uuid: '_na_',
    index: name,
  });
}

/** 404 `resource_not_found_exception`. */
export function resourceNotFound(reason: string): ApiError {
  return new ApiError(404, 'resource_not_found_exception', reason);
}

/** Codes of {@link StoreError}. */
export type StoreErrorCode =
  | 'ERR_WARREN_STORE_IN_USE'
  | 'ERR_WARREN_STORE_FORMAT'
  | 'ERR_WARREN_STORE_DIRECTORY'
  | 'ERR_WARREN_STORE_CATALOG'
  | 'ERR_WARREN_STORE_STOPPED';

/** The store cannot start or go on: one line that says what and what to do. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
