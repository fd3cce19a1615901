import { describe, expect, test } from 'vitest';
import { accessUnderTest } from '../../test/support/access-under-test.js';
import { AccessError } from './access-error.js';

// The texts are what RabbitMQ 3.10 answered to the same values.
describe('limits', () => {
  test('of a virtual host are set one by one or together, and any below nought is none', () => {
    const { virtualHostLimits: limits } = accessUnderTest();
    expect(limits.limit('/', 'max-queues')).toBeUndefined();
    limits.put('/', 'max-queues', 5);
    limits.put('/', 'max-connections', 0);
    expect(limits.limit('/', 'max-queues')).toBe(5);
    expect(limits.limit('/', 'max-connections')).toBe(0);
    expect(limits.list()).toEqual([['/', { 'max-queues': 5, 'max-connections': 0 }]]);
    limits.put('/', 'max-queues', -1);
    expect(limits.limit('/', 'max-queues')).toBeUndefined();
    expect(limits.of('/')).toEqual({ 'max-queues': -1, 'max-connections': 0 });
    limits.drop('/', 'max-queues');
    limits.drop('/', 'max-unheard-of');
    expect(limits.of('/')).toEqual({ 'max-connections': 0 });
    limits.drop('/');
    expect(limits.list()).toEqual([]);
  });

  test.each([
    ['x', '<<"x">>'],
    ['é', '<<"é">>'],
    ['"q', '<<"\\"q">>'],
    [1.5, '1.5'],
    [0.1, '0.1'],
    [1e-7, '1.0e-7'],
    [null, 'null'],
    [true, 'true'],
    [[1, 2], '[1,2]'],
    [[97, 98], '"ab"'],
    [[], '[]'],
    [{}, '#{}'],
    [{ b: [null], a: [1] }, '#{<<"a">> => [1],<<"b">> => [null]}'],
  ])('of %j are refused in RabbitMQ’s words', (value, shown) => {
    const { virtualHostLimits, userLimits } = accessUnderTest();
    const fault = `should be a number, actually was ${shown}`;
    expect(() => virtualHostLimits.put('/', 'max-queues', value)).toThrow(
      new AccessError(`Validation failed\n\nmax-queues ${fault}\n`),
    );
    expect(() => userLimits.put('u', 'max-channels', value)).toThrow(
      new AccessError(`max-channels ${fault}`),
    );
  });

  test('that there are not are refused, before those with a wrong value', () => {
    const { virtualHostLimits, userLimits } = accessUnderTest();
    expect(() => userLimits.put('u', 'max-queues', 1)).toThrow(
      'Unrecognised terms [{<<"max-queues">>,1}] in user-limits',
    );
    const values = { foo: 'bar', 'max-queues': 'a', baz: 1 };
    expect(() => virtualHostLimits.replace('/', values)).toThrow(
      'Validation failed\n\nUnrecognised terms [{<<"baz">>,1},{<<"foo">>,<<"bar">>}] in limits\n' +
        'max-queues should be a number, actually was <<"a">>\n',
    );
    expect(() => virtualHostLimits.put('/', '__proto__', 1)).toThrow(AccessError);
    expect(virtualHostLimits.list()).toEqual([]);
  });

  test('of a user who is not there are refused', () => {
    expect(() => accessUnderTest().limitUser('nobody', 'max-channels', 1)).toThrow(
      new AccessError(['no_such_user', 'nobody']),
    );
  });
});

describe('parameters', () => {
  test('have a virtual host’s limits among them, as one', () => {
    const { parameters, virtualHostLimits } = accessUnderTest();
    expect(parameters.put('/', 'vhost-limits', 'limits', { 'max-queues': 4 })).toBe(true);
    expect(parameters.put('/', 'vhost-limits', 'limits', { 'max-queues': 5 })).toBe(false);
    expect(virtualHostLimits.limit('/', 'max-queues')).toBe(5);
    expect(parameters.list()).toEqual([
      { virtualHost: '/', component: 'vhost-limits', name: 'limits', value: { 'max-queues': 5 } },
    ]);
    expect(parameters.list({ virtualHost: 'other' })).toEqual([]);
    expect(parameters.list({ component: 'nope' })).toEqual([]);
    expect(parameters.drop('/', 'vhost-limits', 'limits')).toBe(true);
    expect(parameters.drop('/', 'vhost-limits', 'limits')).toBe(false);
    expect(virtualHostLimits.list()).toEqual([]);
  });

  test('of a component that is not there, and policies, are refused in RabbitMQ’s words', () => {
    const { parameters } = accessUnderTest();
    expect(() => parameters.put('/', 'shovel', 'n', {})).toThrow(
      'Validation failed\n\ncomponent shovel not found\n',
    );
    expect(() => parameters.put('/', 'policy', 'n', {})).toThrow('policies may not be set using this method');
    expect(parameters.drop('/', 'policy', 'n')).toBe(false);
    parameters.register('policy', {
      list: () => [{ virtualHost: '/', name: 'n', value: {} }],
      faults: () => [],
      put: () => undefined,
      drop: () => undefined,
    });
    expect(() => parameters.drop('/', 'policy', 'n')).toThrow(
      'policies may not be cleared using this method',
    );
    expect(() => parameters.put('/', 'vhost-limits', 'limits', 1)).toThrow(
      'Validation failed\n\nlimits not a list 1\n',
    );
  });
});

describe('global parameters', () => {
  test('have a cluster’s identifier from the start, and its name when it has been given one', () => {
    const { globalParameters } = accessUnderTest();
    expect(globalParameters.list()).toEqual([
      { name: 'internal_cluster_id', value: expect.stringMatching(/^rabbitmq-cluster-id-[\w-]{22}$/) },
    ]);
    expect(globalParameters.clusterName).toBe('warren@test');
    expect(globalParameters.put('cluster_name', 'shop')).toBe(true);
    expect(globalParameters.clusterName).toBe('shop');
    expect(globalParameters.put('cluster_name', { a: [1] })).toBe(false);
    expect(globalParameters.get('cluster_name')).toEqual({ name: 'cluster_name', value: { a: [1] } });
    expect(globalParameters.drop('cluster_name')).toBe(true);
    expect(globalParameters.drop('cluster_name')).toBe(false);
    expect(globalParameters.get('__proto__')).toBeUndefined();
  });
});
