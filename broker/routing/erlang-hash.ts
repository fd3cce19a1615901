/**
 * Erlang's `phash2` of the terms that RabbitMQ hashes a message by: a binary, a header's value as the
 * pair of its type and itself, or `undefined`. It is Jenkins' hash (lookup2), which takes three words at
 * a time; a term is hashed as the sequence of its parts, each kind of part with a word of its own.
 */
import type { FieldTable, FieldValue } from '../protocol/field-table.js';

const GOLDEN_RATIO = 0x9e3779b9;
/** The words of the kinds of parts are multiples of the golden ratio. */
const SMALL = 1;
const NIL = 2;
const ATOM = 3;
const TUPLE = 9;
const NEGATIVE = 10;
const POSITIVE = 11;
const FLOAT = 12;
const BINARY = 13;
/** What is hashed at the end of a list. */
const LIST_END = 2;

/** A term of Erlang's, as far as they are hashed here. */
type Term =
  | { readonly atom: string }
  | { readonly integer: bigint }
  | { readonly float: number }
  | { readonly tuple: readonly Term[] }
  | { readonly list: readonly Term[] }
  | Buffer;

const UNDEFINED: Term = { atom: 'undefined' };
const HASH_BITS = 27;
const LOW_WORD = 0xffff_ffffn;

/** The hash, of 27 bits, of a binary, of a header's value, or of none. */
export function erlangHash(value: Buffer | FieldValue | undefined): number {
  const term = value === undefined || Buffer.isBuffer(value) ? (value ?? UNDEFINED) : pairOf(value);
  return (hashTerm(term, 0) & ((1 << HASH_BITS) - 1)) >>> 0;
}

/** The hash, of 32 bits, of a table as the list of its rows, sorted by their names as RabbitMQ keeps them. */
export function erlangTableHash(table: FieldTable): number {
  const byName = (left: [string, FieldValue], right: [string, FieldValue]): number =>
    Buffer.compare(Buffer.from(left[0]), Buffer.from(right[0]));
  return hashTerm({ list: rowsOf(new Map([...table].sort(byName))) }, 0) >>> 0;
}

function pairOf(field: FieldValue): Term {
  return { tuple: [{ atom: field.type }, termOf(field)] };
}

function termOf(field: FieldValue): Term {
  switch (field.type) {
    case 'longstr':
    case 'binary':
      return field.value;
    case 'bool':
      return { atom: String(field.value) };
    case 'void':
      return UNDEFINED;
    case 'float':
    case 'double':
      return { float: field.value };
    case 'decimal':
      return { tuple: [integer(field.value.scale), integer(field.value.unscaled)] };
    case 'table':
      return { list: rowsOf(field.value) };
    case 'array':
      return { list: field.value.map(pairOf) };
    default:
      return integer(field.value);
  }
}

function integer(value: number | bigint): Term {
  return { integer: BigInt(value) };
}

function rowsOf(table: FieldTable): Term[] {
  return [...table].map(([name, field]) => ({
    tuple: [Buffer.from(name), { atom: field.type }, termOf(field)],
  }));
}

// The three words that are mixed; `c` is what there is of the hash.
let a = 0;
let b = 0;
let c = 0;

function mix(): void {
  a = (a - b - c) ^ (c >>> 13);
  b = (b - c - a) ^ (a << 8);
  c = (c - a - b) ^ (b >>> 13);
  a = (a - b - c) ^ (c >>> 12);
  b = (b - c - a) ^ (a << 16);
  c = (c - a - b) ^ (b >>> 5);
  a = (a - b - c) ^ (c >>> 3);
  b = (b - c - a) ^ (a << 10);
  c = (c - a - b) ^ (b >>> 15);
}

function kindWord(kind: number): number {
  return Math.imul(GOLDEN_RATIO, kind);
}

function hashWords(low: number, high: number, kind: number, hash: number): number {
  a = (kindWord(kind) + low) | 0;
  b = (kindWord(kind) + high) | 0;
  c = hash;
  mix();
  return c;
}

function hashTerm(term: Term, hash: number): number {
  if (Buffer.isBuffer(term)) return hashBinary(term, hash);
  if ('atom' in term) {
    const own = hashAtom(term.atom);
    return hash === 0 ? own : hashWords(own, 0, ATOM, hash);
  }
  if ('integer' in term) return hashInteger(term.integer, hash);
  if ('float' in term) return hashFloat(term.float, hash);
  if ('tuple' in term) {
    let sum = hashWords(term.tuple.length, 0, TUPLE, hash);
    for (const part of term.tuple) sum = hashTerm(part, sum);
    return sum;
  }
  let sum = hash;
  for (const item of term.list) sum = hashTerm(item, sum);
  return hashWords(LIST_END, 0, NIL, sum);
}

function hashBinary(bytes: Buffer, hash: number): number {
  c = (kindWord(BINARY) + hash) | 0;
  const { length } = bytes;
  if (length === 0) return c;
  a = GOLDEN_RATIO | 0;
  b = GOLDEN_RATIO | 0;
  let at = 0;
  for (; length - at >= 12; at += 12) {
    a = (a + bytes.readInt32LE(at)) | 0;
    b = (b + bytes.readInt32LE(at + 4)) | 0;
    c = (c + bytes.readInt32LE(at + 8)) | 0;
    mix();
  }
  const byte = (index: number, shift: number): number => (bytes[at + index] ?? 0) << shift;
  a = (a + byte(0, 0) + byte(1, 8) + byte(2, 16) + byte(3, 24)) | 0;
  b = (b + byte(4, 0) + byte(5, 8) + byte(6, 16) + byte(7, 24)) | 0;
  // The lowest byte of the last word is the length's.
  c = (c + length + byte(8, 8) + byte(9, 16) + byte(10, 24)) | 0;
  mix();
  return c;
}

/** The hash of an atom's name (of ASCII) in the emulator's table of them, by P. J. Weinberger's function. */
function hashAtom(name: string): number {
  let hash = 0;
  for (const byte of Buffer.from(name)) {
    hash = (hash << 4) + byte;
    const high = hash & 0xf000_0000;
    hash = (hash ^ (high >>> 24) ^ high) | 0;
  }
  return hash;
}

function hashInteger(value: bigint, hash: number): number {
  if (BigInt.asIntN(28, value) === value) {
    const small = Number(value);
    const sum = small < 0 ? hashWords(-small, 0, SMALL, hash) : hash;
    return hashWords(small, 0, SMALL, sum);
  }
  const size = value < 0n ? -value : value;
  const kind = value < 0n ? NEGATIVE : POSITIVE;
  return hashWords(Number(size & LOW_WORD), Number(size >> 32n), kind, hash);
}

function hashFloat(value: number, hash: number): number {
  const bytes = Buffer.alloc(8);
  // Zero has no sign here.
  bytes.writeDoubleBE(value === 0 ? 0 : value);
  return hashWords(bytes.readInt32BE(0), bytes.readInt32BE(4), FLOAT, hash);
}
