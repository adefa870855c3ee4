import type { Client } from '@temporalio/client';
import { recoverableReasons, reasonsToRevisit } from '../../workflows/journey/stall-reasons.ts';
import { attributeKeys, WORKFLOW_TYPE } from '../../workflows/contract.ts';
import type { OldestStalledRequest, OldestStalledJourneys, QueuePosition } from '../../workflows/recovery/contract.ts';
import { OldestFirst, compareByTime } from './oldest-first.ts';
import { FEW_OPEN } from './visibility-query.ts';

/** Finds the journeys that recovery retries, the oldest stall first. */
export class StalledJourneys {
  readonly #pool: OldestFirst;

  /**
   * @param taskQueue the task queue of the journeys
   * @param unknownUsers find only journeys of users that the provider did not know, instead of the others
   */
  constructor(client: Client, taskQueue: string, window?: number, unknownUsers = false) {
    const reasons = (unknownUsers ? reasonsToRevisit : recoverableReasons).map((reason) => `'${reason}'`).join(', ');
    const query = [
      `WorkflowType = '${WORKFLOW_TYPE}'`,
      FEW_OPEN,
      `TaskQueue = '${taskQueue}'`,
      `${attributeKeys.step.name} = 'stalled'`,
      `${attributeKeys.reason.name} IN (${reasons})`,
    ].join(' AND ');
    this.#pool = new OldestFirst(client, query, window);
  }

  async oldest({
    after,
    before,
    most,
    exclude: passOver,
  }: Omit<OldestStalledRequest, 'taskQueue'>): Promise<OldestStalledJourneys> {
    const to = Date.parse(before) + 1;
    const wanted = (place: QueuePosition) => isBehind(place, after) && !passOver.includes(place.userId);
    const places: QueuePosition[] = [];
    let from = after === null ? 0 : Date.parse(after.since);
    for (let window; places.length < most && (window = await this.#pool.oldestWindow({ from, to })); from = window.to) {
      places.push(...(await this.#pool.list(window)).filter(wanted));
    }
    return { items: places.slice(0, most), remaining: await this.#pool.count({ from: 0, to }) };
  }
}

function isBehind(place: QueuePosition, after: QueuePosition | null): boolean {
  return after === null || compareByTime(after, place) < 0;
}
