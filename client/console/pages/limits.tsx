import type { Status } from 'onward/client';
import { acts } from './acts.js';
import { useMayAct } from './live.js';
import { Badge, Columns, Scrolls } from './parts.js';
import type { Tone } from './words.js';
import { channelStatusWords, channelWords, evidenceWords, sendWords, timeWords } from './words.js';

const tones: { readonly [S in NonNullable<Status['email']>['status']]: Tone } = {
  waiting: 'over',
  pending: 'calm',
  verified: 'good',
  notNeeded: 'over',
};

/**
 * What is known of both channels, and what is left of their limits.
 *
 * @param then the moment that is looked back at; the present without it
 */
export function LimitsCard({ status, then }: { status: Status; then: string | undefined }) {
  return (
    <section class="card" aria-label="Channels and limits">
      <header>
        <h2>Channels and limits</h2>
        {then !== undefined && <span class="quiet">as of {timeWords(then)}</span>}
      </header>
      <Scrolls label="Channels">
        <table class="figures">
          <Columns words={['Channel', 'Status', 'Sends', 'Last send', 'Guesses left']} />
          <tbody>
            <Channel name="email" channel={status.email} />
            <Channel name="sms" channel={status.sms} />
          </tbody>
        </table>
      </Scrolls>
      {then !== undefined && <AllowedThen status={status} then={then} />}
    </section>
  );
}

function Channel({ name, channel }: { name: 'email' | 'sms'; channel: Status['email'] }) {
  if (channel === null) {
    return (
      <tr>
        <th scope="row">{channelWords[name]}</th>
        <td colSpan={4} class="quiet">
          told by a worker, and none answers
        </td>
      </tr>
    );
  }
  const { status, evidence, sends, lastSend, guessesLeft } = channel;
  return (
    <tr>
      <th scope="row">{channelWords[name]}</th>
      <td>
        <Badge tone={tones[status]}>{channelStatusWords[status]}</Badge>{' '}
        {evidence === null ? '' : evidenceWords[evidence]}
      </td>
      <td class="number">{sends}</td>
      <td>
        {lastSend === null ? '–' : `${sendWords[lastSend.outcome]}${lastSend.to === null ? '' : ` to ${lastSend.to}`}`}
        {lastSend !== null && <span class="quiet"> {timeWords(lastSend.at)}</span>}
      </td>
      <td class="number">{guessesLeft}</td>
    </tr>
  );
}

/** What an operator could have done then, and from when on. */
function AllowedThen({ status: { allowed, state, step }, then }: { status: Status; then: string }) {
  const mayAct = useMayAct();
  if (!mayAct) return null;
  const open = acts.flatMap(({ name, verb }) => {
    const entry = name === 'erase' || name === 'restart' ? undefined : allowed?.[name];
    if (entry === undefined) return [];
    const later = entry.at !== undefined && entry.at > then ? ` from ${timeWords(entry.at)}` : '';
    return [`${verb}${later}`];
  });
  return (
    <p data-allowed-then>
      <strong>Allowed then:</strong>{' '}
      {open.length === 0 ? `nothing, in ${state}${step === null ? '' : `.${step}`}` : open.join(', ')}
    </p>
  );
}
