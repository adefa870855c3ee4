import type { Onward } from '../../client/onward.ts';
import { Person } from './person.ts';
import type { Stage } from './person.ts';
import type { Show } from './show.ts';
import { stories, userIdOf } from './stories.ts';
import type { Story } from './stories.ts';
import { watch } from './watch.ts';
import type { Sight } from './watch.ts';

const REDRAW = 200;
const BETWEEN_SIGN_UPS = 600;

/** How one story ended. */
export interface Outcome extends Sight {
  /** Why its people could not play it to the end. */
  readonly failure: string | null;
}

/**
 * Plays all stories at once, each sign-up a moment after the one before, and shows them until every journey has ended.
 *
 * @param run keeps the users of runs on one server apart
 */
export async function playAll(onward: Onward, stage: Stage, show: Show, run: string): Promise<Outcome[]> {
  const sights: Sight[] = stories.map((story) => {
    return { story, userId: userIdOf(story, run), status: null, happened: [] };
  });
  const drawing = setInterval(() => show.update(sights), REDRAW);
  try {
    const plays = stories.map((story, nth) => play(story, nth, run, stage));
    await Promise.all(sights.map((sight, nth) => watch(onward, sight, stage.over, (seen) => (sights[nth] = seen))));
    const failures = await Promise.all(plays);
    return sights.map((sight, nth) => ({ ...sight, failure: failures[nth] ?? null }));
  } finally {
    clearInterval(drawing);
    show.update(sights);
    show.end();
  }
}

async function play(story: Story, nth: number, run: string, stage: Stage): Promise<string | null> {
  const person = new Person(userIdOf(story, run), story.accountType, story.policy ?? {}, stage);
  try {
    await person.waits(nth * BETWEEN_SIGN_UPS);
    await story.play(person);
    return null;
  } catch (error) {
    return stage.over.aborted ? 'was still under way when the show was over' : String(error);
  }
}
