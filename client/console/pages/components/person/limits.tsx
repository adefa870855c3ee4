import { formatTime } from '#format-time';
import { channelFacts, channels } from '#channels';
import type { Channel as ChannelName, Status } from 'onward/client';
import { actions, hasPreview } from '../../model/actions.js';
import { useClock, useIsOperator } from '../../hooks/live.js';
import { Badge, Columns, ScrollRegion, Time } from '../ui.js';
import type { Tone } from '../../labels.js';
import { channelStatusLabels, evidenceLabels, sendLabels } from '../../labels.js';

const tones: { readonly [S in NonNullable<Status[ChannelName]>['status']]: Tone } = {
  waiting: 'over',
  pending: 'calm',
  verified: 'good',
  notNeeded: 'over',
};

/**
 * Shows the channels and what is left of their limits.
 *
 * @param then RFC 3339, the point in time that is shown; the present without it
 */
export function Limits({ status, then }: { status: Status; then: string | undefined }) {
  return (
    <section class="limits" aria-label="Channels and limits">
      <h3>Channels and limits{then !== undefined && ` as of ${formatTime(then)}`}</h3>
      <ScrollRegion label="Channels">
        <table class="figures">
          <Columns words={['Channel', 'Status', 'Last code', 'Sends', 'Guesses left']} />
          <tbody>
            {channels.map((name) => (
              <Channel key={name} name={name} channel={status[name]} />
            ))}
          </tbody>
        </table>
      </ScrollRegion>
      {then !== undefined && <AllowedThen status={status} then={then} />}
    </section>
  );
}

function Channel({ name, channel }: { name: ChannelName; channel: Status[ChannelName] }) {
  const clock = useClock();
  if (channel === null) {
    return (
      <tr>
        <th scope="row">{channelFacts[name].label}</th>
        <td colSpan={4} class="quiet">
          unknown: no worker answers
        </td>
      </tr>
    );
  }
  const { status, evidence, sends, lastSend, guessesLeft } = channel;
  return (
    <tr>
      <th scope="row">{channelFacts[name].label}</th>
      <td>
        <Badge tone={tones[status]}>{channelStatusLabels[status]}</Badge>{' '}
        {evidence === null ? '' : evidenceLabels[evidence]}
      </td>
      <td data-label="last code">
        {lastSend === null ? '–' : sendLabels[lastSend.outcome]}
        {lastSend !== null && lastSend.to !== null && ` to ${lastSend.to}`}{' '}
        {lastSend !== null && (
          <span class="quiet">
            <Time at={lastSend.at} now={clock} />
          </span>
        )}
      </td>
      <td class="number" data-label="sends">
        {sends}
      </td>
      <td class="number" data-label="guesses left">
        {guessesLeft}
      </td>
    </tr>
  );
}

/** Lists the commands that an operator could use at that time. */
function AllowedThen({ status: { allowed, state, step }, then }: { status: Status; then: string }) {
  const isOperator = useIsOperator();
  if (!isOperator) return null;
  const open = actions.flatMap(({ name, verb }) => {
    const entry = hasPreview(name) ? allowed?.[name] : undefined;
    if (entry === undefined) return [];
    const later = entry.at !== undefined && entry.at > then ? ` from ${formatTime(entry.at)}` : '';
    return [`${verb}${later}`];
  });
  return (
    <p data-allowed-then>
      <strong>Allowed at that time:</strong>{' '}
      {open.length === 0 ? `nothing, in ${state}${step === null ? '' : `.${step}`}` : open.join(', ')}
    </p>
  );
}
