/** What a peer is told of an error that was thrown while it was served. */
import type { Logger } from 'pino';
import { ProtocolError } from '../protocol/protocol-error.js';
import { DataDirectoryError } from '../store/data-directory-error.js';

/** The peer's own mistake as it is; a fault of the broker's is logged, and is 541 to the peer. */
export function closeFor(error: unknown, log: Logger | undefined): ProtocolError {
  if (error instanceof ProtocolError) return error;
  // A damaged disk is told once, by the broker itself.
  if (!(error instanceof DataDirectoryError)) {
    log?.error({ err: error }, 'A connection failed by a fault of the broker');
  }
  return new ProtocolError(541, 'internal error');
}
