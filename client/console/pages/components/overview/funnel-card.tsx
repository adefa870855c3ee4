import { formatDuration } from '#format-time';
import { channelFacts, channels, isNeeded } from '#channels';
import type { Statistics } from 'onward/client';
import type { Resolution } from '../../hooks/statistics.js';
import { accountLabels, number } from '../../labels.js';
import { Bar, Empty } from '../ui.js';
import { Chart } from './chart.js';

type AccountType = keyof Statistics['accounts'];
type Account = Statistics['accounts'][AccountType];

export const periodNames: { readonly [R in Resolution]: { readonly last: string; readonly before: string } } = {
  hour: { last: 'last 24 hours', before: 'the 24 hours before' },
  day: { last: 'last 30 days', before: 'the 30 days before' },
};

/** The success of onboarding: by account type, how far those who signed up have come, and how it was in the period before. */
export function FunnelCard({ statistics }: { statistics: Statistics }) {
  const { accounts, previous, points, resolution } = statistics;
  const types = Object.keys(accounts) as AccountType[];
  const present = types.filter((type) => accounts[type].signUps + previous.accounts[type].signUps > 0);
  return (
    <section class="card" aria-label="Onboarding">
      <header>
        <h2>Onboarding</h2>
        <span class="quiet">sign-ups of the {periodNames[resolution].last}</span>
      </header>
      {present.length === 0 && <Empty title="No sign-ups in this period.">Their conversion is shown here.</Empty>}
      {present.map((type) => (
        <Funnel
          key={type}
          type={type}
          account={accounts[type]}
          before={previous.accounts[type]}
          resolution={resolution}
        />
      ))}
      <Chart
        label={resolution === 'hour' ? 'By hour of sign-up' : 'By day of sign-up'}
        at={points.map(({ at }) => at)}
        resolution={resolution}
        series={[
          { label: 'Signed up', tone: 'calm', values: points.map(({ signUps }) => signUps) },
          { label: 'Done by now', tone: 'good', values: points.map(({ done }) => done) },
        ]}
      />
    </section>
  );
}

interface FunnelProps {
  readonly type: AccountType;
  readonly account: Account;
  readonly before: Account;
  readonly resolution: Resolution;
}

function Funnel({ type, account, before, resolution }: FunnelProps) {
  const stages = (of: Account) => [
    { label: 'Signed up', count: of.signUps },
    ...channels
      .filter((channel) => isNeeded(channel, type))
      .map((channel) => ({ label: `${channelFacts[channel].label} verified`, count: of.verified[channel] })),
    { label: 'Done', count: of.done },
  ];
  const earlier = stages(before);
  const { count, p50, p95 } = account.timeToVerified;
  return (
    <div class="funnel">
      <h3>{accountLabels[type]}</h3>
      <table class="figures">
        <tbody>
          {stages(account).map(({ label, count: reached }, index) => (
            <tr key={label}>
              <th scope="row">{label}</th>
              <td class="number">{number(reached)}</td>
              <td class="number">{index === 0 ? '' : percent(reached, account.signUps)}</td>
              <td class="grows">
                <Bar
                  share={account.signUps === 0 ? 0 : reached / account.signUps}
                  tone={label === 'Done' ? 'good' : 'calm'}
                />
              </td>
              <td class="quiet before">
                {index === 0
                  ? change(reached, earlier[index]?.count ?? 0)
                  : shareChange(reached, account.signUps, earlier[index]?.count ?? 0, before.signUps)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="quiet">
        {count === 0 || p50 === null ? (
          `No user was verified in the ${periodNames[resolution].last}.`
        ) : (
          <>
            Half were verified within <strong>{formatDuration(p50)}</strong>, 95 % within{' '}
            <strong>{p95 === null ? '–' : formatDuration(p95)}</strong>
            {before.timeToVerified.p50 !== null && ` (half within ${formatDuration(before.timeToVerified.p50)} before)`}
            .
          </>
        )}
      </p>
    </div>
  );
}

const percent = (part: number, whole: number) => (whole === 0 ? '–' : `${Math.round((100 * part) / whole)} %`);

function change(now: number, before: number): string {
  if (before === 0) return 'none before';
  const difference = Math.round((100 * (now - before)) / before);
  return `${difference >= 0 ? '+' : '−'}${Math.abs(difference)} %`;
}

/** The change of a share, in percentage points. */
function shareChange(part: number, whole: number, partBefore: number, wholeBefore: number): string {
  if (whole === 0 || wholeBefore === 0) return '';
  const points = Math.round(100 * (part / whole - partBefore / wholeBefore));
  return `${points >= 0 ? '+' : '−'}${Math.abs(points)} points`;
}
