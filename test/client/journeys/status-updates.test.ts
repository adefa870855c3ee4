import { expect, it } from '@jest/globals';
import { isNews, isStillNews } from '../../../client/journeys/status-updates.ts';
import { unknownFields } from '../../../workflows/journey/status/status-schema.ts';
import type { Status } from '../../../workflows/journey/status/status.ts';

const at = (second: number) => new Date(1_764_300_000_000 + second * 1_000).toISOString();
const live = (revision: number, second: number, startedAt = at(0)): Status => ({
  ...unknownFields,
  userId: 'ada',
  accountType: 'individual',
  state: 'emailPending',
  step: 'awaitingCode',
  revision,
  live: true,
  startedAt,
  updatedAt: at(second),
  allowed: {},
});
const fromServer = (second: number): Status => ({ ...live(0, second), revision: null, live: false, allowed: null });

it('sends a newer revision but not an older or equal one', () => {
  expect(isNews(live(2, 9), undefined)).toBe(true);
  expect(isNews(live(3, 9), live(2, 5))).toBe(true);
  expect(isNews(live(2, 5), live(2, 5))).toBe(false);
  expect(isNews(live(1, 3), live(2, 5))).toBe(false);
});

it('sends the status of a restarted journey, whose revisions start again', () => {
  expect(isNews(live(1, 50, at(40)), live(7, 30))).toBe(true);
  expect(isNews(live(7, 30), live(1, 50, at(40)))).toBe(false);
});

it('sends a status from the server only if the journey has changed since the last live status', () => {
  expect(isNews(fromServer(5), live(2, 5))).toBe(false);
  expect(isNews(fromServer(6), live(2, 5))).toBe(true);
  expect(isNews(fromServer(6), fromServer(6))).toBe(false);
  expect(isNews(live(2, 5), fromServer(5))).toBe(true);
});

it('sends an earlier live status only to readers without a later one', () => {
  expect(isStillNews(live(2, 5), fromServer(5))).toBe(true);
  expect(isStillNews(live(2, 5), fromServer(6))).toBe(false);
  expect(isStillNews(live(2, 5), live(3, 6))).toBe(false);
});
