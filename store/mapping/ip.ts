/** IP addresses as 32 hexadecimal digits (IPv4 as IPv4-mapped), so that text order is address order. */
import { isIP, isIPv4 } from 'node:net';

/** The key of an address; `undefined` when it is none. */
export function ipKey(text: string): string | undefined {
  const kind = isIP(text);
  if (kind === 0 || text.includes('%')) return undefined;
  if (kind === 4) return `00000000000000000000ffff${hexOfV4(text)}`;
  let address = text;
  const lastColon = address.lastIndexOf(':');
  const tail = address.slice(lastColon + 1);
  if (isIPv4(tail)) {
    const hex = hexOfV4(tail);
    address = `${address.slice(0, lastColon + 1)}${hex.slice(0, 4)}:${hex.slice(4)}`;
  }
  const [head = '', rest] = address.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = rest === undefined || rest === '' ? [] : rest.split(':');
  const middle = rest === undefined ? [] : new Array<string>(8 - left.length - right.length).fill('0');
  return [...left, ...middle, ...right].map((group) => group.padStart(4, '0').toLowerCase()).join('');
}

function hexOfV4(text: string): string {
  return text
    .split('.')
    .map((part) => Number(part).toString(16).padStart(2, '0'))
    .join('');
}

/** Prints a key as an address. */
export function ipText(key: string): string {
  if (key.startsWith('00000000000000000000ffff')) {
    return [24, 26, 28, 30].map((start) => Number.parseInt(key.slice(start, start + 2), 16)).join('.');
  }
  const groups = Array.from({ length: 8 }, (_, index) =>
    Number.parseInt(key.slice(index * 4, index * 4 + 4), 16).toString(16),
  );
  const runs = [...groups.join(':').matchAll(/(?:^|:)0(?::0)+(?=:|$)/g)].sort(
    (a, b) => b[0].length - a[0].length,
  );
  const run = runs[0];
  if (run === undefined) return groups.join(':');
  const text = groups.join(':');
  const before = text.slice(0, run.index);
  const after = text.slice(run.index + run[0].length).replace(/^:/, '');
  return `${before}::${after}`;
}

/** The first and last keys of a CIDR block; `undefined` when it is none. */
export function cidrRange(text: string): [string, string] | undefined {
  const [address = '', bits = '', more] = text.split('/');
  const key = ipKey(address);
  if (key === undefined || more !== undefined || !/^\d{1,3}$/.test(bits)) return undefined;
  const length = Number(bits) + (isIPv4(address) ? 96 : 0);
  if (length > 128) return undefined;
  const value = BigInt(`0x${key}`);
  const mask = (1n << BigInt(128 - length)) - 1n;
  const hex = (each: bigint): string => each.toString(16).padStart(32, '0');
  return [hex(value & ~mask), hex(value | mask)];
}
