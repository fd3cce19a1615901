import { describe, expect, test } from 'vitest';
import { originOf } from '../transport/peer-address.js';
import { LoginThrottle } from './login-throttle.js';

const HOME = '192.0.2.1';
const ATTACKER = '198.51.100.7';

class Clock {
  nowMs = 0;
  readonly read = (): number => this.nowMs;
}

function fail(throttle: LoginThrottle, address: string, user: string, times: number): void {
  for (let time = 0; time < times; time++) throttle.failed(address, user);
}

describe('a throttle of log-ins', () => {
  test('lets the first failures cost nothing, and then waits longer with each', () => {
    const clock = new Clock();
    const throttle = new LoginThrottle({}, clock.read);
    fail(throttle, HOME, 'orders', 5);
    expect(throttle.admit(HOME, 'orders')).toBe(0);
    const waits: (number | undefined)[] = [];
    for (let time = 0; time < 5; time++) {
      throttle.failed(HOME, 'orders');
      const waitMs = throttle.admit(HOME, 'orders');
      waits.push(waitMs);
      clock.nowMs += waitMs ?? 0;
    }
    expect(waits).toEqual([250, 500, 1000, 2000, 4000]);
  });

  test('keeps many attempts at once from one address apart, and refuses those that would wait too long', () => {
    const clock = new Clock();
    const throttle = new LoginThrottle({}, clock.read);
    fail(throttle, ATTACKER, 'orders', 8);
    const waits = Array.from({ length: 1000 }, () => throttle.admit(ATTACKER, 'orders'));
    expect(waits.filter((waitMs) => waitMs !== undefined)).toEqual([1000, 2000, 3000, 4000, 5000]);
    clock.nowMs += 10_000;
    expect(throttle.admit(ATTACKER, 'orders')).toBe(0);
  });

  test('slows an address down that tries many users', () => {
    const clock = new Clock();
    const throttle = new LoginThrottle({}, clock.read);
    for (let user = 0; user < 40; user++) throttle.failed(ATTACKER, `user-${user}`);
    expect(throttle.admit(ATTACKER, 'another')).toBeUndefined();
    clock.nowMs += 30_000;
    expect(throttle.admit(ATTACKER, 'another')).toBe(0);
    expect(throttle.admit(HOME, 'another')).toBe(0);
  });

  test('does not hold up the others at an address for one with a wrong password who tries for ever', () => {
    const throttle = new LoginThrottle({}, new Clock().read);
    fail(throttle, HOME, 'misconfigured', 1_000);
    expect(throttle.admit(HOME, 'misconfigured')).toBeUndefined();
    expect(throttle.admit(HOME, 'another')).toBe(0);
  });

  test('does not lock a user out because others guess at the password from everywhere', () => {
    const clock = new Clock();
    const throttle = new LoginThrottle({}, clock.read);
    throttle.succeeded(HOME, 'orders');
    for (let host = 0; host < 200; host++) fail(throttle, `198.51.100.${host}`, 'orders', 10);
    // From where he was before he is not held up at all; from elsewhere a second at most.
    expect(throttle.admit(HOME, 'orders')).toBe(0);
    expect(throttle.admit('192.0.2.77', 'orders')).toBe(1000);
  });

  test('takes no attempt of one who is known for one of the strangers at the same address', () => {
    const throttle = new LoginThrottle({}, new Clock().read);
    throttle.succeeded(HOME, 'orders');
    for (let user = 0; user < 100; user++) throttle.failed(HOME, `user-${user}`);
    expect(throttle.admit(HOME, 'stranger')).toBeUndefined();
    expect(throttle.admit(HOME, 'orders')).toBe(0);
  });

  test('forgets after ten minutes, and at a success', () => {
    const clock = new Clock();
    const throttle = new LoginThrottle({}, clock.read);
    fail(throttle, HOME, 'orders', 10);
    clock.nowMs += 5_000;
    throttle.succeeded(HOME, 'orders');
    expect(throttle.admit(HOME, 'orders')).toBe(0);
    fail(throttle, ATTACKER, 'orders', 30);
    clock.nowMs += 600_000;
    expect(throttle.admit(ATTACKER, 'orders')).toBe(0);
  });

  test('holds no more than it was told to, however many addresses and users come', () => {
    const throttle = new LoginThrottle({ countsMax: 100 }, new Clock().read);
    fail(throttle, HOME, 'orders', 10);
    for (let host = 0; host < 1_000; host++) {
      throttle.admit(`10.0.${host >> 8}.${host & 255}`, `user-${host}`);
      throttle.failed(`10.0.${host >> 8}.${host & 255}`, `user-${host}`);
    }
    expect(throttle.counts).toBeLessThanOrEqual(400);
  });
});

describe('where an address comes from', () => {
  test('is the address for IPv4, mapped or not, and the network of 64 bits for IPv6', () => {
    expect(originOf('192.0.2.1')).toBe('192.0.2.1');
    expect(originOf('::ffff:192.0.2.1')).toBe('192.0.2.1');
    expect(originOf('2001:DB8:0:1::1')).toBe('2001:db8:0:1::/64');
    expect(originOf('2001:db8::1:2:3:4:5')).toBe('2001:db8:0:1::/64');
    expect(originOf('2001:db8:0:1:ffff:ffff:ffff:ffff')).toBe('2001:db8:0:1::/64');
    expect(originOf('fe80::1%eth0')).toBe('fe80:0:0:0::/64');
    expect(originOf('::1')).toBe('0:0:0:0::/64');
  });
});
