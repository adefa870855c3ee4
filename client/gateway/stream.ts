import type { FastifyReply } from 'fastify';
import { isFinal } from '../../workflows/status.ts';
import type { Status } from '../../workflows/status.ts';
import type { Onward } from '../onward.ts';

export interface StreamOptions {
  readonly onward: Onward;
  readonly over: AbortSignal;
  /** As it is now. */
  readonly status: Status;
  /** As the caller may see it. */
  readonly see: (status: Status) => Status;
}

/** Proxies close a connection on which nothing comes for a minute. */
const HEARTBEAT = 15_000;

/** Tells each change of a status as a server-sent event, until its final state. */
export function stream(reply: FastifyReply, { onward, over, status, see }: StreamOptions): FastifyReply {
  const { raw, request } = reply;
  reply.hijack();
  raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    connection: 'close',
    'x-accel-buffering': 'no',
  });
  let told = request.headers['last-event-id'];
  const tell = (now: Status) => {
    const id = now.revision === null ? undefined : String(now.revision);
    if (id === undefined || id !== told)
      raw.write(`${id === undefined ? '' : `id: ${id}\n`}event: status\ndata: ${JSON.stringify(see(now))}\n\n`);
    told = id ?? told;
    if (isFinal(now.state)) end();
  };
  const heartbeat = setInterval(() => raw.write(': still here\n\n'), HEARTBEAT);
  let leave = () => {};
  const end = () => {
    clearInterval(heartbeat);
    leave();
    over.removeEventListener('abort', end);
    raw.end();
  };
  over.addEventListener('abort', end);
  raw.once('close', end);
  tell(status);
  // Whoever has left meanwhile is told nothing more.
  if (raw.destroyed) end();
  if (!raw.writableEnded) leave = onward.watching.listen(status.userId, { status: tell, gone: end });
  return reply;
}
