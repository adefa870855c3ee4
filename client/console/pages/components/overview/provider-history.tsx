import type { Statistics } from 'onward/client';
import { number } from '../../labels.js';
import { Empty } from '../ui.js';
import { Chart } from './chart.js';
import { periodNames } from './funnel-card.js';

/** The share of failed requests from which an hour or a day is marked as an outage. */
const OUTAGE_SHARE = 0.2;

/** The provider's replies over time: the share that was answered, and how long requests took. */
export function ProviderHistory({ statistics }: { statistics: Statistics }) {
  const { points, resolution, reports } = statistics;
  if (reports === null)
    return (
      <Empty title="No history to show.">
        Workers report their requests within seconds. No worker has reported yet, or no worker answers.
      </Empty>
    );
  const at = points.map((point) => point.at);
  const each = (of: (reports: NonNullable<Statistics['reports']>) => number | null) =>
    points.map((point) => (point.reports === null || point.reports.requests === 0 ? null : of(point.reports)));
  const failedShares = each(({ requests, failed }) => failed / requests);
  return (
    <>
      <p>
        {periodNames[resolution].last.replace('last', 'Last')}: <strong>{number(reports.requests)}</strong> requests
        {reports.requests > 0 && (
          <>
            , <strong>{percentOf(reports.requests - reports.failed, reports.requests)}</strong> answered; half within{' '}
            {latency(reports.p50)}, 95 % within {latency(reports.p95)}
          </>
        )}
      </p>
      <Chart
        label="Answered"
        at={at}
        resolution={resolution}
        series={[
          {
            label: 'Requests answered',
            tone: 'good',
            values: failedShares.map((share) => (share === null ? null : 100 * (1 - share))),
          },
        ]}
        format={(value) => `${Math.round(value * 10) / 10} %`}
        marked={failedShares.map((share) => (share ?? 0) >= OUTAGE_SHARE)}
        top={100}
      />
      <Chart
        label="Time of requests"
        at={at}
        resolution={resolution}
        shape="lines"
        series={[
          { label: 'Half within', tone: 'calm', values: each(({ p50 }) => p50) },
          { label: '95 % within', tone: 'held', values: each(({ p95 }) => p95) },
        ]}
        format={(value) => `${number(value)} ms`}
      />
    </>
  );
}

const latency = (milliseconds: number | null) =>
  milliseconds === null ? 'over 10,000 ms' : `${number(milliseconds)} ms`;

function percentOf(part: number, whole: number): string {
  const share = (100 * part) / whole;
  return `${share > 99 && share < 100 ? Math.floor(share * 10) / 10 : Math.round(share)} %`;
}
