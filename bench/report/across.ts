import type { Exact } from '../exact/index.ts';
import { paper } from '../paper/chapter.ts';
import type { InWorker, OnServer, Scaled } from '../scale/index.ts';
import { isMissing, kinds } from '../scale/kinds.ts';
import { picture } from '../scale/picture.ts';
import { figuresOf } from './document.ts';
import type { Kept } from './document.ts';

/** What follows from several sections, each of which may not be there. */

/** Where the plot is, beside the page. */
export const PICTURE = 'scale.svg';

const GROWTH = `## How costs grow

![Time and size over the number of journeys, on each server; the figures are in the chapters above](${PICTURE})
`;

/** The chapters on how costs grow, and on a million users a day. */
export function across(kept: Kept): string {
  const exact = figuresOf(kept, 'exact') as Exact | undefined;
  const own = { flow: idleIn(kept, 'postgres')?.flow, open: openIn(kept, 'postgres')?.open ?? [] };
  const grown = drawing(kept) === undefined ? [] : [GROWTH];
  return [...grown, ...(exact === undefined ? [] : [paper(exact, own)])].join('\n');
}

/** The plot of how costs grow. */
export function drawing(kept: Kept): string | undefined {
  return picture(
    kinds.map(({ name, on }) => ({
      on,
      idle: idleIn(kept, name)?.idle ?? [],
      open: openIn(kept, name)?.open ?? [],
    })),
  );
}

const idleIn = (kept: Kept, kind: string) => there(figuresOf(kept, `idle-${kind}`) as Scaled<InWorker> | undefined);
const openIn = (kept: Kept, kind: string) => there(figuresOf(kept, `open-${kind}`) as Scaled<OnServer> | undefined);

const there = <T>(scaled: Scaled<T> | undefined): T | undefined =>
  scaled === undefined || isMissing(scaled) ? undefined : scaled;
