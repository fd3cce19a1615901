import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Acknowledgements } from './acknowledgements.js';

test('one ack covers everything below the oldest open delivery', () => {
  const acknowledgements = new Acknowledgements();
  for (const tag of [11, 12, 13, 14, 15, 16]) acknowledgements.add(tag);
  for (const tag of [12, 14, 11, 16]) acknowledgements.settle(tag);
  expect(acknowledgements.takeMultiple()).toEqual({ deliveryTag: 12, multiple: true });
  expect(acknowledgements.takeMultiple()).toBeUndefined();
  expect(acknowledgements.takeSingles()).toEqual([
    { deliveryTag: 14, multiple: false },
    { deliveryTag: 16, multiple: false },
  ]);
  expect(acknowledgements.openCount).toBe(2);
});

test('no ack ever covers an open delivery, and each settled one is acked exactly once', () => {
  const steps = fc.array(
    fc.oneof(
      fc.constant({ kind: 'add' as const }),
      fc.record({ kind: fc.constant('settle' as const), pick: fc.nat() }),
      fc.constant({ kind: 'multiple' as const }),
      fc.constant({ kind: 'singles' as const }),
    ),
    { maxLength: 200 },
  );
  fc.assert(
    fc.property(steps, (sequence) => {
      const acknowledgements = new Acknowledgements();
      const open: number[] = [];
      const settled = new Set<number>();
      let unacked: number[] = [];
      let tag = 0;
      const apply = (ack: { deliveryTag: number; multiple: boolean }): void => {
        // What a broker checks: the tag itself is one that is still unacked.
        expect(unacked).toContain(ack.deliveryTag);
        const covered = ack.multiple ? unacked.filter((each) => each <= ack.deliveryTag) : [ack.deliveryTag];
        for (const each of covered) expect(settled.has(each)).toBe(true);
        unacked = unacked.filter((each) => !covered.includes(each));
      };
      for (const step of sequence) {
        if (step.kind === 'add') {
          tag += 1;
          acknowledgements.add(tag);
          open.push(tag);
          unacked.push(tag);
        } else if (step.kind === 'settle' && open.length > 0) {
          const [picked] = open.splice(step.pick % open.length, 1);
          acknowledgements.settle(picked!);
          settled.add(picked!);
        } else if (step.kind === 'multiple') {
          const ack = acknowledgements.takeMultiple();
          if (ack !== undefined) apply(ack);
        } else if (step.kind === 'singles') {
          acknowledgements.takeSingles().forEach(apply);
        }
      }
      const last = acknowledgements.takeMultiple();
      if (last !== undefined) apply(last);
      acknowledgements.takeSingles().forEach(apply);
      expect(unacked).toEqual(open);
    }),
  );
});
