import type { FastifyReply } from 'fastify';
import { isFinal } from '../../../../workflows/journey/status/status.ts';
import type { Status } from '../../../../workflows/journey/status/status.ts';
import type { Onward } from '../../../onward.ts';
import type { EventStreams } from '../../plugins/sse.ts';

export interface StreamOptions {
  readonly onward: Onward;
  readonly streams: EventStreams;
  /** The current status. */
  readonly status: Status;
  /** Returns the status as the caller's role may see it. */
  readonly toResponse: (status: Status) => Status;
}

/** Sends the current status and each change as a server-sent event, until the final state. */
export function streamStatus(
  reply: FastifyReply,
  { onward, streams, status, toResponse }: StreamOptions,
): FastifyReply {
  const { holder, headers } = reply.request;
  return streams.begin(reply, holder, (events) => {
    const sendStatus = (current: Status) => {
      events.send('status', toResponse(current), idOf(current));
      if (isFinal(current.state)) events.end();
    };
    // A reader that resumes already has the status of this revision.
    const isKnown = status.revision !== null && idOf(status) === headers['last-event-id'];
    if (!isKnown) sendStatus(status);
    else if (isFinal(status.state)) events.end();
    if (events.hasEnded) return () => {};
    return onward.subscriptions.subscribe(status.userId, { status: sendStatus, gone: () => events.end() }, status);
  });
}

const idOf = ({ revision }: Status) => (revision === null ? undefined : String(revision));
