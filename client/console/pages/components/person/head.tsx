import { headlineOf } from '#headline';
import type { ComponentChildren } from 'preact';
import type { Status } from 'onward/client';
import { CopyButton } from '../copy-button.js';
import { Badge, PositionBadge, Time } from '../ui.js';
import { useClock, useLive } from '../../hooks/live.js';
import { accountLabels, reasonLabels } from '../../labels.js';
import { curlOf } from '../../model/curl.js';
import { personAddress } from '../../router.js';

/** The user id, the position and the headline of a journey. */
export function Head({ status }: { status: Status }) {
  const { userId, state, step, live } = status;
  const clock = useClock();
  return (
    <>
      <div class="title">
        <div class="head">
          <h1>{userId}</h1>
          <PositionBadge state={state} step={step} />
          {!live && <Badge tone="warn">No worker answers; from Temporal’s own records</Badge>}
        </div>
        <Tools id={userId} />
      </div>
      <p class="headline">{headlineOf(status, clock)}.</p>
    </>
  );
}

/** Buttons that copy and download. */
function Tools({ id }: { id: string }) {
  const path = `/v1/users/${encodeURIComponent(id)}/onboarding`;
  const { temporalUi } = useLive().principal;
  return (
    <div class="buttons tools">
      <CopyButton text={id} label="Copy id" />
      <CopyButton text={`${location.origin}${personAddress(id)}`} label="Copy link" />
      <CopyButton text={curlOf({ method: 'GET', path })} label="Copy curl" />
      <a class="button" href={`${path}/receipt`} target="_blank" rel="noreferrer">
        Receipt
      </a>
      <a class="button" href={`${path}/export`} download>
        Export as a test
      </a>
      {temporalUi !== null && (
        <a
          class="button"
          href={`${temporalUi}/${encodeURIComponent(`onboarding:${id}`)}`}
          target="_blank"
          rel="noreferrer"
        >
          Open in Temporal UI
        </a>
      )}
    </div>
  );
}

/** The facts beside the headline. */
export function Facts({ status }: { status: Status }) {
  const { accountType, startedAt, expiresAt, stalled, provider, supersededBy, supersedes } = status;
  const clock = useClock();
  return (
    <dl class="facts">
      <Fact term="Account">{accountType === null ? 'unknown' : accountLabels[accountType]}</Fact>
      <Fact term="Started">
        <Time at={startedAt} now={clock} />
      </Fact>
      {expiresAt !== null && (
        <Fact term="Expires">
          <Time at={expiresAt} now={clock} />
        </Fact>
      )}
      <PersonFact term="Superseded by" id={supersededBy} />
      <PersonFact term="Supersedes" id={supersedes} />
      {stalled !== null && (
        <Fact term="Stalled">
          {reasonLabels[stalled.reason]}
          {stalled.detail === null ? '' : `: ${stalled.detail}`}
        </Fact>
      )}
      {provider !== null && (
        <Fact term="At sFOX">
          {provider.status ?? 'no status'}
          {provider.open.length === 0 ? ', nothing open' : `, open: ${provider.open.join(', ')}`}, read{' '}
          <Time at={provider.asOf} now={clock} />
        </Fact>
      )}
    </dl>
  );
}

/** Links the journey of the same person under another user id. */
function PersonFact({ term, id }: { term: string; id: string | null }) {
  if (id === null) return null;
  return (
    <Fact term={term}>
      <a href={personAddress(id)}>{id}</a>
    </Fact>
  );
}

function Fact({ term, children }: { term: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{term}</dt>
      <dd>{children}</dd>
    </div>
  );
}
