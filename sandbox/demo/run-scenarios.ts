import type { Onward } from '../../client/onward.ts';
import { SimulatedUser } from './simulated-user.ts';
import type { Stage } from './simulated-user.ts';
import type { Display } from './display.ts';
import { scenarios, userIdOf } from './scenarios.ts';
import type { Scenario } from './scenarios.ts';
import { watch } from './observe.ts';
import type { ObservedUser } from './observe.ts';

const REDRAW_INTERVAL_MS = 200;
const SIGN_UP_INTERVAL_MS = 600;

/** The outcome of one scenario. */
export interface Outcome extends ObservedUser {
  /** Why the scenario could not be completed. */
  readonly failure: string | null;
}

/**
 * Runs all scenarios concurrently, with a delay between the sign-ups, and shows them until every journey has ended.
 *
 * @param run a suffix of the user ids, distinct for each run on one server
 */
export async function runScenarios(onward: Onward, stage: Stage, show: Display, run: string): Promise<Outcome[]> {
  const sights: ObservedUser[] = scenarios.map((story) => {
    return { story, userId: userIdOf(story, run), status: null, happened: [] };
  });
  const drawing = setInterval(() => show.update(sights), REDRAW_INTERVAL_MS);
  try {
    const plays = scenarios.map((story, nth) => play(story, nth, run, stage));
    await Promise.all(sights.map((sight, nth) => watch(onward, sight, stage.over, (seen) => (sights[nth] = seen))));
    const failures = await Promise.all(plays);
    return sights.map((sight, nth) => ({ ...sight, failure: failures[nth] ?? null }));
  } finally {
    clearInterval(drawing);
    show.update(sights);
    show.end();
  }
}

async function play(story: Scenario, nth: number, run: string, stage: Stage): Promise<string | null> {
  const person = new SimulatedUser(userIdOf(story, run), story.accountType, story.policy ?? {}, stage);
  try {
    await person.waits(nth * SIGN_UP_INTERVAL_MS);
    await story.play(person);
    return null;
  } catch (error) {
    return stage.over.aborted ? 'was not completed when the demo ended' : String(error);
  }
}
