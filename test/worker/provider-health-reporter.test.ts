import { expect, it } from '@jest/globals';
import type { ProviderAttempt } from '../../activities/contract.ts';
import { createHealthReporter } from '../../worker/provider/provider-health-reporter.ts';
import type { AttemptCounts } from '../../workflows/provider-health/contract.ts';

const INTERVAL_MS = 5;
const sentCode: ProviderAttempt = { call: 'send', channel: 'email', reply: '2xx', duration: 40 };
const failedConfirm: ProviderAttempt = { call: 'confirm', channel: 'email', reply: '5xx', duration: 40 };
const waitForReports = () => new Promise((wake) => setTimeout(wake, 10 * INTERVAL_MS));

it('reports the requests since the last report, and nothing if there were none', async () => {
  const reports: AttemptCounts[] = [];
  const reporter = createHealthReporter(async (counts) => void reports.push(counts), INTERVAL_MS);
  await waitForReports();
  expect(reports).toEqual([]);
  for (const attempts of [sentCode, failedConfirm, failedConfirm]) reporter.count(attempts);
  await waitForReports();
  expect(reports).toEqual([
    { sends: 1, replies: { '2xx': 1, '5xx': 2 }, codes: { email: 1, sms: 0 }, durations: [3, 0, 0, 0, 0, 0, 0, 0, 0] },
  ]);
  reporter.count(failedConfirm);
  await reporter.end();
  expect(reports.slice(1)).toEqual([{ sends: 0, replies: { '5xx': 1 }, durations: [1, 0, 0, 0, 0, 0, 0, 0, 0] }]);
  reporter.count(failedConfirm);
  await waitForReports();
  expect(reports).toHaveLength(2);
});

it('keeps counts of a failed report for the next one, and does not retry the last report when it stops', async () => {
  const attempts: AttemptCounts[] = [];
  let isUnavailable = true;
  const report = async (counts: AttemptCounts) => {
    attempts.push(counts);
    if (isUnavailable) throw new Error('Temporal is unavailable');
  };
  const reporter = createHealthReporter(report, INTERVAL_MS);
  reporter.count(sentCode);
  await waitForReports();
  expect(attempts.length).toBeGreaterThan(1);
  reporter.count(sentCode);
  isUnavailable = false;
  await reporter.end();
  expect(attempts.at(-1)).toEqual({
    sends: 2,
    replies: { '2xx': 2 },
    codes: { email: 2, sms: 0 },
    durations: [2, 0, 0, 0, 0, 0, 0, 0, 0],
  });

  const failing = createHealthReporter(() => Promise.reject(new Error('Temporal is unavailable')), INTERVAL_MS);
  failing.count(sentCode);
  expect(await failing.end()).toBeUndefined();
});
