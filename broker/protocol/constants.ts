/**
 * The numbers of AMQP 0-9-1: frame types, class identifiers, reply codes, and the limits that this
 * implementation puts on what a peer may send. The methods themselves are in method-table.ts.
 */

/** Frame types (specification 4.2.3). */
export const FRAME_METHOD = 1;
export const FRAME_HEADER = 2;
export const FRAME_BODY = 3;
export const FRAME_HEARTBEAT = 8;

/** The octet that ends every frame. */
export const FRAME_END = 0xce;

/** Type, channel and size before the payload. */
export const FRAME_PREFIX_BYTES = 7;

/** What a frame costs besides its payload: the prefix and the end octet. */
export const FRAME_OVERHEAD_BYTES = 8;

/** No peer may negotiate less (specification 4.2.3). */
export const FRAME_BYTES_MIN = 4096;

/** `AMQP` 0 0 9 1: what a client says first, and what we answer to anything else. */
export const PROTOCOL_HEADER = Buffer.from([0x41, 0x4d, 0x51, 0x50, 0, 0, 9, 1]);

export const CLASS_BASIC = 60;

/** How deep tables and arrays may be nested in one another. */
export const TABLE_DEPTH_MAX = 32;

/** A short string, a reply text among them, has a one-octet length. */
export const SHORT_STRING_BYTES_MAX = 255;

/** Reply codes (specification 1.3) with the names RabbitMQ puts before its texts. */
export const REPLY_NAMES = {
  311: 'CONTENT_TOO_LARGE',
  312: 'NO_ROUTE',
  313: 'NO_CONSUMERS',
  320: 'CONNECTION_FORCED',
  402: 'INVALID_PATH',
  403: 'ACCESS_REFUSED',
  404: 'NOT_FOUND',
  405: 'RESOURCE_LOCKED',
  406: 'PRECONDITION_FAILED',
  501: 'FRAME_ERROR',
  502: 'SYNTAX_ERROR',
  503: 'COMMAND_INVALID',
  504: 'CHANNEL_ERROR',
  505: 'UNEXPECTED_FRAME',
  506: 'RESOURCE_ERROR',
  530: 'NOT_ALLOWED',
  540: 'NOT_IMPLEMENTED',
  541: 'INTERNAL_ERROR',
} as const;

export type ReplyCode = keyof typeof REPLY_NAMES;
