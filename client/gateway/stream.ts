import type { FastifyReply } from 'fastify';
import { isFinal } from '../../workflows/status.ts';
import type { Status } from '../../workflows/status.ts';
import type { Onward } from '../onward.ts';
import type { EventStreams } from './event-streams.ts';

export interface StreamOptions {
  readonly onward: Onward;
  readonly streams: EventStreams;
  /** As it is now. */
  readonly status: Status;
  /** As the caller may see it. */
  readonly see: (status: Status) => Status;
}

/** Tells each change of a status as a server-sent event, until its final state. */
export function stream(reply: FastifyReply, { onward, streams, status, see }: StreamOptions): FastifyReply {
  const { holder, headers } = reply.request;
  return streams.begin(reply, holder, (events) => {
    let told = headers['last-event-id'];
    const tell = (now: Status) => {
      const id = now.revision === null ? undefined : String(now.revision);
      if (id === undefined || id !== told) events.send('status', see(now), id);
      told = id ?? told;
      if (isFinal(now.state)) events.end();
    };
    tell(status);
    if (events.ended) return () => {};
    return onward.watching.listen(status.userId, { status: tell, gone: () => events.end() });
  });
}
