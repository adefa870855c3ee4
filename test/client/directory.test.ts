import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Directory } from '../../client/directory.ts';
import type { Filter } from '../../workflows/listing.ts';
import { BadRequest } from '../../client/errors.ts';

/** What is refused never gets as far as Temporal, so none has to be there. */
describe('a filter that is wrong', () => {
  let connection: Connection;
  let directory: Directory;

  beforeAll(() => {
    connection = Connection.lazy({ address: '127.0.0.1:1' });
    directory = new Directory(new Client({ connection }));
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
  ])('names %s in %j, and what would be right', async (field, filter, right) => {
    const error = await directory.list(filter as Filter).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(BadRequest);
    expect(error).toMatchObject({ code: 'bad_request', field, message: expect.stringContaining(right) });
  });

  it.each([0, -1, 201, 1.5, Number.NaN, Infinity])('names the limit of %d', async (limit) => {
    const error = await directory.list({}, limit).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(BadRequest);
    expect(error).toMatchObject({ field: 'limit', message: 'a page has 1 to 200 journeys' });
  });
});
