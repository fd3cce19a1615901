/** User and password out of the response of a SASL mechanism. */
import { readTable, textOf } from '../protocol/field-table.js';
import { WireReader } from '../protocol/wire-reader.js';

export interface Credentials {
  user: string;
  password: string;
}

/** PLAIN (RFC 4616), but that nobody may take another identity: user and password, each after a NUL. */
function parsePlain(response: Buffer): Credentials | undefined {
  const [identity, user, password, ...rest] = response.toString('utf8').split('\0');
  if (identity !== '' || user === undefined || password === undefined || rest.length > 0) return undefined;
  return { user, password };
}

/** AMQPLAIN: a field table without its length, with LOGIN and PASSWORD. */
function parseAmqPlain(response: Buffer): Credentials | undefined {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(response.length);
  const table = readTable(new WireReader(Buffer.concat([length, response])));
  const user = textOf(table.get('LOGIN'));
  const password = textOf(table.get('PASSWORD'));
  return user === undefined || password === undefined ? undefined : { user, password };
}

/** Reads a response; undefined for a mechanism that is not offered or a response that is none. */
export function parseCredentials(mechanism: string, response: Buffer): Credentials | undefined {
  if (mechanism === 'PLAIN') return parsePlain(response);
  return mechanism === 'AMQPLAIN' ? parseAmqPlain(response) : undefined;
}
