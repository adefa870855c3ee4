import type { Client } from '@temporalio/client';
import { countsOf, addCounts, noCounts } from '../../workflows/what-if/state.ts';
import type { ComparePageRequest, ComparisonPage, JourneyComparison } from '../../workflows/what-if/contract.ts';
import { LogIncomplete, NotFound, Unavailable } from '../errors.ts';
import { isErased } from '../journeys/lifecycle/erase.ts';
import type { JourneyRecord } from '../journey-log/record.ts';
import { toListItem } from '../search/journey-search.ts';
import { listExecutions } from '../search/list-executions.ts';
import { compareJourney } from '../journey-comparison/compare-journey.ts';
import { whatIfQuery } from './query.ts';

/** The number of journeys that are read at the same time. */
const MAX_CONCURRENT_READS = 8;

/**
 * Compares a page of journeys. Those that are the same, and those that were erased meanwhile, are only counted.
 *
 * @param read reads the record of a journey
 */
export async function comparePage(
  client: Client,
  read: (userId: string) => Promise<JourneyRecord>,
  request: ComparePageRequest,
): Promise<ComparisonPage> {
  const { page, cursor } = request;
  const { executions, next } = await listExecutions(client, whatIfQuery(request), page, cursor ?? undefined);
  const users = executions.map((execution) => toListItem(execution).userId);
  const compared = await mapAll(users, (userId) => compareUser(read, userId, request));
  const different = compared.filter(({ result }) => result !== 'same');
  const erased = await mapAll(different, ({ userId }) => isErased(client, userId));
  return {
    items: different.filter((_, index) => erased[index] === false),
    counts: compared.map(countsOf).reduce(addCounts, noCounts),
    next,
  };
}

/** Maps all items in their order, a few at the same time. */
async function mapAll<T, R>(items: readonly T[], map: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const left = items.entries();
  const work = async () => {
    for (const [index, item] of left) results[index] = await map(item);
  };
  await Promise.all(Array.from({ length: MAX_CONCURRENT_READS }, work));
  return results;
}

async function compareUser(
  read: (userId: string) => Promise<JourneyRecord>,
  userId: string,
  { policy, at }: ComparePageRequest,
): Promise<JourneyComparison> {
  try {
    const record = await read(userId);
    // Events after the start of the what-if are not compared.
    const entries = record.entries.filter((entry) => entry.at <= Date.parse(at));
    if (entries.length === 0) return unreadable(userId, 'the journey started after the what-if');
    const compared = compareJourney({ ...record, entries }, policy, Date.parse(at));
    const { result, differences, refused, undecidedFrom, cause, sends, events } = compared;
    const from = undecidedFrom === null ? null : new Date(undecidedFrom).toISOString();
    return { userId, result, differences, refused, undecidedFrom: from, cause, sends, events, why: null };
  } catch (error) {
    const isOfJourney = error instanceof LogIncomplete || error instanceof NotFound || error instanceof Unavailable;
    if (isOfJourney) return unreadable(userId, error.message);
    throw error;
  }
}

const unreadable = (userId: string, why: string): JourneyComparison => ({
  userId,
  result: 'unreadable',
  differences: [],
  refused: null,
  undecidedFrom: null,
  cause: null,
  sends: { actual: 0, whatIf: 0 },
  events: { total: 0, compared: 0 },
  why,
});
