import type { Exact } from '../exact/index.ts';
import { paper } from '../paper/chapter.ts';
import { figuresOf } from './document.ts';
import type { Kept } from './document.ts';
import type { Scale, Scaled } from '../scale/index.ts';
import { picture } from '../scale/picture.ts';

/** What follows from several sections; nothing where one of them is not there. */

/** Where the plot is, beside the page. */
export const PICTURE = 'scale.svg';

/** The chapters that follow: how costs grow, and a million users a day. */
export function across(kept: Kept): string {
  const exact = figuresOf(kept, 'exact') as Exact | undefined;
  const grown = drawing(kept) === undefined ? [] : [GROWTH];
  return [...grown, ...(exact === undefined ? [] : [paper(exact, scaleIn(kept, 'scale-postgres'))])].join('\n');
}

const GROWTH = `## How costs grow

![Time and size over the number of journeys, on both servers; the figures are in the two chapters above](${PICTURE})
`;

/** The plot of it. */
export function drawing(kept: Kept): string | undefined {
  const servers = [
    ['scale-dev', 'development server'],
    ['scale-postgres', 'PostgreSQL'],
  ] as const;
  const scales = servers.flatMap(([name, on]) => {
    const scale = scaleIn(kept, name);
    return scale === undefined ? [] : [{ on, scale }];
  });
  return scales.length === 0 ? undefined : picture(scales);
}

function scaleIn(kept: Kept, name: string): Scale | undefined {
  const scaled = figuresOf(kept, name) as Scaled | undefined;
  return scaled === undefined || 'missing' in scaled ? undefined : scaled;
}
