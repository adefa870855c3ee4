import { beforeAll, expect, it } from '@jest/globals';
import { computeLayouts } from '../../../client/console/layout.ts';
import type { Box, Picture } from '../../../client/console/pages/model/diagram.ts';
import { steps } from '../../../workflows/journey/context.ts';
import { states } from '../../../workflows/journey/status/status.ts';

let pictures: readonly Picture[];
beforeAll(async () => {
  const { wide, narrow } = await computeLayouts();
  pictures = [wide, narrow];
});

it('has a box for every state and for every step', () => {
  const pending = states.filter((state) => state.endsWith('Pending'));
  const places = [...states, ...pending.flatMap((state) => steps.map((step) => `${state}.${step}`))];
  for (const { boxes } of pictures) {
    expect(boxes.map(({ id }) => id).toSorted()).toEqual(places.toSorted());
    expect(boxes.filter(({ description }) => description === '')).toEqual([]);
  }
});

it('draws each line once, and only between boxes', () => {
  for (const { boxes, lines } of pictures) {
    const ids = new Set(boxes.map(({ id }) => id));
    expect(lines.filter(({ from, to }) => !ids.has(from) || !ids.has(to))).toEqual([]);
    const pairs = lines.map(({ from, to }) => [from, to].toSorted().join());
    expect(new Set(pairs).size).toBe(pairs.length);
    expect(lines).toContainEqual(
      expect.objectContaining({ from: 'emailPending', to: 'emailVerified', isTwoWay: false }),
    );
    expect(pairs).toContain('emailPending.awaitingCode,emailPending.checkingCode');
  }
});

it('places all boxes inside the diagram without an overlap', () => {
  const apart = (a: Box, b: Box) =>
    a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
  for (const { boxes, width, height } of pictures) {
    const leaves = boxes.filter(({ isCompound }) => !isCompound);
    const overlapping = leaves.flatMap((a, nth) => leaves.slice(nth + 1).filter((b) => !apart(a, b)));
    expect(overlapping).toEqual([]);
    expect(
      boxes.filter(({ x, y, ...box }) => x < 0 || y < 0 || x + box.width > width || y + box.height > height),
    ).toEqual([]);
  }
});
