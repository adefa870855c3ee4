import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { JourneySearch } from '../../../client/search/journey-search.ts';
import type { JourneyFilter } from '../../../workflows/search-attributes.ts';
import { BadRequest } from '../../../client/errors.ts';

/** An invalid filter is refused before the call to Temporal, so no server is needed. */
describe('an invalid filter', () => {
  let connection: Connection;
  let directory: JourneySearch;

  beforeAll(() => {
    connection = Connection.lazy({ address: '127.0.0.1:1' });
    directory = new JourneySearch(new Client({ connection }));
  });
  afterAll(() => connection.close());

  it.each([
    ['state', { state: 'sleeping' }, 'emailPending'],
    ['state', { state: 'toString' }, 'emailPending'],
    ['state', { state: "done' OR '1'='1" }, 'emailPending'],
    ['state', { state: '' }, 'emailPending'],
    ['step', { step: 'sending' }, 'locked'],
    ['step', { step: "locked' OR ExecutionStatus = 'Completed" }, 'locked'],
    ['reason', { reason: 'moody' }, 'providerUnavailable'],
    ['accountType', { accountType: 'corporation' }, 'business'],
    ['userId', { userId: "ada' OR '1'='1" }, '1 to 128'],
    ['userId', { userId: 'ada@example.test' }, 'your own id'],
    ['userId', { userId: '' }, '1 to 128'],
    ['reason', { state: 'done', reason: 'moody' }, 'providerUnavailable'],
  ])('names %s in %j and says what is valid', async (field, filter, right) => {
    const error = await directory.list(filter as JourneyFilter).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(BadRequest);
    expect(error).toMatchObject({ code: 'bad_request', field, message: expect.stringContaining(right) });
  });

  it.each([0, -1, 201, 1.5, Number.NaN, Infinity])('rejects the limit %d', async (limit) => {
    const error = await directory.list({}, limit).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(BadRequest);
    expect(error).toMatchObject({ field: 'limit', message: 'limit must be 1 to 200 journeys' });
  });
});
