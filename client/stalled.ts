import type { Client } from '@temporalio/client';
import { reasonsThatHeal } from '../workflows/context.ts';
import { attributes, WORKFLOW_TYPE } from '../workflows/contract.ts';
import type { OldestRequest, OldestStalled, Place } from '../workflows/recovery/contract.ts';
import { ByAge, inOrder } from './by-age.ts';
import { FEW_OPEN } from './query.ts';

/** Finds the journeys that recovery takes on, the oldest stall first. */
export class Stalled {
  readonly #pool: ByAge;

  /** @param taskQueue whose journeys are meant */
  constructor(client: Client, taskQueue: string, window?: number) {
    const reasons = reasonsThatHeal.map((reason) => `'${reason}'`).join(', ');
    const query = [
      `WorkflowType = '${WORKFLOW_TYPE}'`,
      FEW_OPEN,
      `TaskQueue = '${taskQueue}'`,
      `${attributes.step.name} = 'stalled'`,
      `${attributes.reason.name} IN (${reasons})`,
    ].join(' AND ');
    this.#pool = new ByAge(client, query, window);
  }

  async oldest({ after, before, most, passOver }: Omit<OldestRequest, 'taskQueue'>): Promise<OldestStalled> {
    const to = Date.parse(before) + 1;
    const wanted = (place: Place) => isBehind(place, after) && !passOver.includes(place.userId);
    const places: Place[] = [];
    let from = after === null ? 0 : Date.parse(after.since);
    for (let window; places.length < most && (window = await this.#pool.oldestWindow({ from, to })); from = window.to) {
      places.push(...(await this.#pool.list(window)).filter(wanted));
    }
    return { places: places.slice(0, most), left: await this.#pool.count({ from: 0, to }) };
  }
}

function isBehind(place: Place, after: Place | null): boolean {
  return after === null || inOrder(after, place) < 0;
}
