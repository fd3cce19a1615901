// The methods of AMQP 0-9-1 with RabbitMQ's extensions, as the interop tests' own frame client knows them.
import { encodeTable, type FieldTable, type FieldValue, WireReader } from './field-table.js';

export type MethodArguments = Record<string, FieldValue>;

interface Method {
  readonly name: string;
  readonly classId: number;
  readonly methodId: number;
  readonly fields: ReadonlyArray<readonly [name: string, type: string]>;
}

// name class.method field:type …; a field without a type is a short string, `?` is a bit.
const rows = `
connection.start 10.10 versionMajor:octet versionMinor:octet serverProperties:table mechanisms:longstr locales:longstr
connection.start-ok 10.11 clientProperties:table mechanism response:longstr locale
connection.secure 10.20 challenge:longstr
connection.secure-ok 10.21 response:longstr
connection.tune 10.30 channelMax:short frameMax:long heartbeat:short
connection.tune-ok 10.31 channelMax:short frameMax:long heartbeat:short
connection.open 10.40 virtualHost reserved1 reserved2:?
connection.open-ok 10.41 reserved1
connection.close 10.50 replyCode:short replyText classId:short methodId:short
connection.close-ok 10.51
connection.blocked 10.60 reason
connection.unblocked 10.61
connection.update-secret 10.70 newSecret:longstr reason
connection.update-secret-ok 10.71
channel.open 20.10 reserved1
channel.open-ok 20.11 reserved1:longstr
channel.flow 20.20 active:?
channel.flow-ok 20.21 active:?
channel.close 20.40 replyCode:short replyText classId:short methodId:short
channel.close-ok 20.41
access.request 30.10 realm exclusive:? passive:? active:? write:? read:?
access.request-ok 30.11 ticket:short
exchange.declare 40.10 reserved1:short exchange type passive:? durable:? autoDelete:? internal:? noWait:? arguments:table
exchange.declare-ok 40.11
exchange.delete 40.20 reserved1:short exchange ifUnused:? noWait:?
exchange.delete-ok 40.21
exchange.bind 40.30 reserved1:short destination source routingKey noWait:? arguments:table
exchange.bind-ok 40.31
exchange.unbind 40.40 reserved1:short destination source routingKey noWait:? arguments:table
exchange.unbind-ok 40.51
queue.declare 50.10 reserved1:short queue passive:? durable:? exclusive:? autoDelete:? noWait:? arguments:table
queue.declare-ok 50.11 queue messageCount:long consumerCount:long
queue.bind 50.20 reserved1:short queue exchange routingKey noWait:? arguments:table
queue.bind-ok 50.21
queue.purge 50.30 reserved1:short queue noWait:?
queue.purge-ok 50.31 messageCount:long
queue.delete 50.40 reserved1:short queue ifUnused:? ifEmpty:? noWait:?
queue.delete-ok 50.41 messageCount:long
queue.unbind 50.50 reserved1:short queue exchange routingKey arguments:table
queue.unbind-ok 50.51
basic.qos 60.10 prefetchSize:long prefetchCount:short global:?
basic.qos-ok 60.11
basic.consume 60.20 reserved1:short queue consumerTag noLocal:? noAck:? exclusive:? noWait:? arguments:table
basic.consume-ok 60.21 consumerTag
basic.cancel 60.30 consumerTag noWait:?
basic.cancel-ok 60.31 consumerTag
basic.publish 60.40 reserved1:short exchange routingKey mandatory:? immediate:?
basic.return 60.50 replyCode:short replyText exchange routingKey
basic.deliver 60.60 consumerTag deliveryTag:longlong redelivered:? exchange routingKey
basic.get 60.70 reserved1:short queue noAck:?
basic.get-ok 60.71 deliveryTag:longlong redelivered:? exchange routingKey messageCount:long
basic.get-empty 60.72 reserved1
basic.ack 60.80 deliveryTag:longlong multiple:?
basic.reject 60.90 deliveryTag:longlong requeue:?
basic.recover-async 60.100 requeue:?
basic.recover 60.110 requeue:?
basic.recover-ok 60.111
basic.nack 60.120 deliveryTag:longlong multiple:? requeue:?
confirm.select 85.10 noWait:?
confirm.select-ok 85.11
tx.select 90.10
tx.select-ok 90.11
tx.commit 90.20
tx.commit-ok 90.21
tx.rollback 90.30
tx.rollback-ok 90.31
`;

function parseRow(row: string): Method {
  const [name = '', id = '', ...fields] = row.split(' ');
  const [classId = 0, methodId = 0] = id.split('.').map(Number);
  return {
    name,
    classId,
    methodId,
    fields: fields.map((field) => {
      const [fieldName = '', type = 'shortstr'] = field.split(':');
      return [fieldName, type] as const;
    }),
  };
}

const methods = rows.trim().split('\n').map(parseRow);
const methodsByName = new Map(methods.map((method) => [method.name, method]));
const methodsById = new Map(methods.map((method) => [(method.classId << 16) | method.methodId, method]));

function number(bytes: number, value: FieldValue): Buffer {
  const block = Buffer.alloc(bytes);
  if (bytes === 8) block.writeBigUInt64BE(BigInt(Number(value)));
  else block.writeUIntBE(Number(value), 0, bytes);
  return block;
}

function encodeField(type: string, value: FieldValue): Buffer {
  switch (type) {
    case 'octet':
      return number(1, value ?? 0);
    case 'short':
      return number(2, value ?? 0);
    case 'long':
      return number(4, value ?? 0);
    case 'longlong':
      return number(8, value ?? 0);
    case 'table':
      return encodeTable((value ?? {}) as FieldTable);
    case 'longstr': {
      const bytes = Buffer.from(String(value ?? ''));
      return Buffer.concat([number(4, bytes.length), bytes]);
    }
    default: {
      const bytes = Buffer.from(String(value ?? ''));
      return Buffer.concat([number(1, bytes.length), bytes]);
    }
  }
}

/** The payload of a method frame; arguments left out are zero, empty or false. */
export function encodeMethod(name: string, values: MethodArguments = {}): Buffer {
  const method = methodsByName.get(name);
  if (!method) throw new TypeError(`there is no method ${name}`);
  const parts = [number(2, method.classId), number(2, method.methodId)];
  let bits = -1;
  for (const [field, type] of method.fields) {
    if (type === '?') {
      if (bits < 0) {
        bits = 0;
        parts.push(Buffer.of(0));
      }
      if (values[field]) parts.at(-1)![0]! |= 1 << bits;
      bits += 1;
      continue;
    }
    bits = -1;
    parts.push(encodeField(type, values[field] ?? null));
  }
  return Buffer.concat(parts);
}

function readField(reader: WireReader, type: string): FieldValue {
  switch (type) {
    case 'octet':
      return reader.unsigned(1);
    case 'short':
      return reader.unsigned(2);
    case 'long':
      return reader.unsigned(4);
    case 'longlong':
      return Number(reader.take(8).readBigUInt64BE());
    case 'table':
      return reader.table();
    case 'longstr':
      return reader.longString().toString();
    default:
      return reader.shortString();
  }
}

/** Reads a method frame's payload; reserved fields are left out. */
export function decodeMethod(payload: Buffer): { name: string; arguments: MethodArguments } {
  const reader = new WireReader(payload);
  const id = reader.unsigned(4);
  const method = methodsById.get(id);
  if (!method) throw new TypeError(`there is no method ${id >> 16}.${id & 0xffff}`);
  const values: MethodArguments = {};
  let bits = 0;
  let bitsLeft = 0;
  for (const [field, type] of method.fields) {
    if (type === '?') {
      if (bitsLeft === 0) {
        bits = reader.unsigned(1);
        bitsLeft = 8;
      }
      values[field] = (bits & 1) === 1;
      bits >>= 1;
      bitsLeft -= 1;
      continue;
    }
    bitsLeft = 0;
    const value = readField(reader, type);
    if (!field.startsWith('reserved')) values[field] = value;
  }
  if (reader.offset !== payload.length) throw new RangeError(`${method.name} is followed by stray bytes`);
  return { name: method.name, arguments: values };
}
