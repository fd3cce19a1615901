// Field tables as the interop tests write and read them. Independent of the broker's own codec on purpose:
// a mistake shared by both sides would go unseen. Every value keeps its wire type, so that two brokers
// which answer with the same number in another type are told apart.

/** A field value whose wire type is not the one a plain JavaScript value stands for. */
export interface TypedValue {
  readonly type: string;
  readonly value: number | string | bigint;
}

export type FieldValue = string | number | boolean | null | TypedValue | FieldValue[] | FieldTable;

export interface FieldTable {
  [name: string]: FieldValue;
}

/** Marks `value` to be sent as the wire type `type` (one letter, as RabbitMQ's table of field types has it). */
export function typed(type: string, value: number | string | bigint): TypedValue {
  return { type, value };
}

function isTyped(value: FieldValue): value is TypedValue {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    typeof value['type'] === 'string' &&
    'value' in value &&
    Object.keys(value).length === 2
  );
}

function integer(bytes: number, value: number | string | bigint, signed: boolean): Buffer {
  const block = Buffer.alloc(bytes);
  if (bytes === 8) block.writeBigInt64BE(BigInt(value));
  else if (signed) block.writeIntBE(Number(value), 0, bytes);
  else block.writeUIntBE(Number(value), 0, bytes);
  return block;
}

function encodeTyped({ type, value }: TypedValue): Buffer {
  const letter = Buffer.from(type, 'latin1');
  const float = Buffer.alloc(type === 'd' ? 8 : 4);
  switch (type) {
    case 'b':
      return Buffer.concat([letter, integer(1, value, true)]);
    case 'B':
      return Buffer.concat([letter, integer(1, value, false)]);
    case 's':
    case 'U':
      return Buffer.concat([letter, integer(2, value, true)]);
    case 'u':
      return Buffer.concat([letter, integer(2, value, false)]);
    case 'I':
      return Buffer.concat([letter, integer(4, value, true)]);
    case 'i':
      return Buffer.concat([letter, integer(4, value, false)]);
    case 'l':
    case 'L':
    case 'T':
      return Buffer.concat([letter, integer(8, value, true)]);
    case 'f':
      float.writeFloatBE(Number(value));
      return Buffer.concat([letter, float]);
    case 'd':
      float.writeDoubleBE(Number(value));
      return Buffer.concat([letter, float]);
    case 'D':
      return Buffer.concat([letter, Buffer.of(0), integer(4, value, false)]);
    default:
      return Buffer.concat([letter, longString(Buffer.from(String(value), 'latin1'))]);
  }
}

function longString(bytes: Buffer): Buffer {
  return Buffer.concat([integer(4, bytes.length, false), bytes]);
}

function encodeValue(value: FieldValue): Buffer {
  if (value === null) return Buffer.from('V');
  if (typeof value === 'string') return Buffer.concat([Buffer.from('S'), longString(Buffer.from(value))]);
  if (typeof value === 'boolean') return Buffer.from([0x74, value ? 1 : 0]);
  if (typeof value === 'number') {
    if (!Number.isInteger(value)) return encodeTyped(typed('d', value));
    return encodeTyped(typed(Math.abs(value) < 2 ** 31 ? 'I' : 'l', value));
  }
  if (Array.isArray(value)) {
    return Buffer.concat([Buffer.from('A'), longString(Buffer.concat(value.map(encodeValue)))]);
  }
  if (isTyped(value)) return encodeTyped(value);
  return Buffer.concat([Buffer.from('F'), encodeTable(value)]);
}

export function encodeTable(table: FieldTable): Buffer {
  const parts: Buffer[] = [];
  for (const [name, value] of Object.entries(table)) {
    const bytes = Buffer.from(name);
    parts.push(Buffer.of(bytes.length), bytes, encodeValue(value));
  }
  return longString(Buffer.concat(parts));
}

/** Reads values one after the other from a payload. */
export class WireReader {
  readonly bytes: Buffer;
  offset = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  take(length: number): Buffer {
    if (this.offset + length > this.bytes.length) throw new RangeError('the payload is too short');
    this.offset += length;
    return this.bytes.subarray(this.offset - length, this.offset);
  }

  unsigned(bytes: 1 | 2 | 4): number {
    return this.take(bytes).readUIntBE(0, bytes);
  }

  shortString(): string {
    return this.take(this.unsigned(1)).toString();
  }

  longString(): Buffer {
    return this.take(this.unsigned(4));
  }

  table(): FieldTable {
    const inner = new WireReader(this.longString());
    const table: FieldTable = {};
    while (inner.offset < inner.bytes.length) {
      const name = inner.shortString();
      // Not by assignment, which means something else for `__proto__`.
      Object.defineProperty(table, name, { value: inner.value(), enumerable: true, configurable: true });
    }
    return table;
  }

  value(): FieldValue {
    const type = String.fromCharCode(this.unsigned(1));
    switch (type) {
      case 'S':
        return this.longString().toString();
      case 't':
        return this.unsigned(1) !== 0;
      case 'V':
        return null;
      case 'F':
        return this.table();
      case 'A': {
        const inner = new WireReader(this.longString());
        const values: FieldValue[] = [];
        while (inner.offset < inner.bytes.length) values.push(inner.value());
        return values;
      }
      default:
        return typed(type, this.#number(type));
    }
  }

  #number(type: string): number | string {
    switch (type) {
      case 'b':
        return this.take(1).readInt8();
      case 'B':
        return this.unsigned(1);
      case 's':
      case 'U':
        return this.take(2).readInt16BE();
      case 'u':
        return this.unsigned(2);
      case 'I':
        return this.take(4).readInt32BE();
      case 'i':
        return this.unsigned(4);
      case 'l':
      case 'L':
      case 'T':
        return Number(this.take(8).readBigInt64BE());
      case 'f':
        return this.take(4).readFloatBE();
      case 'd':
        return this.take(8).readDoubleBE();
      case 'D':
        return this.take(5).toString('hex');
      case 'x':
        return this.longString().toString('hex');
      default:
        throw new TypeError(`the field type ${JSON.stringify(type)} is unknown`);
    }
  }
}
