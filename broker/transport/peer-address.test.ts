import { expect, test } from 'vitest';
import { isLoopback, originOf } from './peer-address.js';

test.each([
  ['10.1.2.3', '10.1.2.3'],
  ['::ffff:10.1.2.3', '10.1.2.3'],
  ['::1', '0:0:0:0::/64'],
  ['2001:db8::7', '2001:db8:0:0::/64'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::', '2001:db8:1:2::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['', ''],
])('the address %j belongs to %j', (address, owner) => {
  expect(originOf(address)).toBe(owner);
});

test.each([
  ['127.0.0.1', true],
  ['127.9.9.9', true],
  ['::ffff:127.0.0.1', true],
  ['::1', true],
  ['localhost', true],
  ['10.0.0.1', false],
  ['::', false],
  ['0.0.0.0', false],
])('whether %j is this machine’s own: %j', (address, expected) => {
  expect(isLoopback(address)).toBe(expected);
});
