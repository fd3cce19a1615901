/** The methods of channel 0: which of them may come when, and what answers them. */
import type { FrameWriter } from '../protocol/frame-writer.js';
import { decodeMethod, type Method, methodIds } from '../protocol/method-codec.js';
import { blame } from '../protocol/protocol-error.js';
import { WireReader } from '../protocol/wire-reader.js';
import { type Opening, unexpectedMethod } from './opening.js';

/**
 * How far a connection is: it waits for the protocol header, is being opened, runs, waits for the
 * peer's close-ok, has nothing more to say but reads what has come, or is gone.
 */
export type ConnectionState = 'header' | 'opening' | 'running' | 'closing' | 'finishing' | 'closed';

/** Who made a connection, and is told how far it is. */
export interface ConnectionKeeper {
  /** The peer is known and may work. */
  opened(): void;
  /** Its socket is gone. */
  closed(): void;
}

/** The connection that the methods are for. */
export interface ConnectionEnds {
  readonly state: ConnectionState;
  readonly writer: FrameWriter;
  readonly opening: Opening;
  /** Checks a new secret, and answers. */
  renew(secret: Buffer): void;
  /** Nothing more is to be said. */
  finish(): void;
}

/**
 * Takes a method frame of channel 0.
 *
 * @throws ProtocolError for what closes the connection, with the method to blame
 */
export function takeConnectionMethod(ends: ConnectionEnds, buffer: Buffer, start: number, end: number): void {
  const method = decodeMethod(new WireReader(buffer, start, end));
  try {
    answer(ends, method);
  } catch (error) {
    blame(error, ...methodIds(method.name));
    throw error;
  }
}

function answer(ends: ConnectionEnds, method: Method): void {
  const { state, writer } = ends;
  if (method.name === 'connection.close') {
    // Each is answered, whatever else has been said by then.
    writer.method(0, 'connection.close-ok', {});
    ends.finish();
  } else if (state === 'opening') {
    ends.opening.method(method);
  } else if (state === 'running') {
    if (method.name !== 'connection.update-secret') throw unexpectedMethod(state);
    ends.renew(method.args.newSecret);
  } else if (method.name === 'connection.close-ok') {
    ends.finish();
  }
}
