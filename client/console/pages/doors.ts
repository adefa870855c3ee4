import type {
  Forecast,
  Listing,
  ListRequest,
  Operation,
  OperationPage,
  OperationReport,
  OperationRequest,
  RecoveryStatus,
  Status,
  Timeline,
  Webhooks,
} from 'onward/client';

/** The gateway's doors as the console knocks at them: with the session's cookie, and nothing else. */

export interface Holder {
  readonly role: 'viewer' | 'operator';
  readonly name: string;
  readonly temporalUi: string | null;
}

export type Filter = Omit<ListRequest, 'limit' | 'cursor'>;

/** A door said no: `detail` says why in words. */
export class Refused extends Error {
  readonly code: string;
  readonly status: number;

  constructor(status: number, code: string, detail: string) {
    super(detail);
    this.status = status;
    this.code = code;
  }
}

let onLoggedOut = () => {};
/** Told when the session is over. */
export function whenLoggedOut(act: () => void): void {
  onLoggedOut = act;
}

async function knock<T>(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<T> {
  let reply: Response;
  try {
    reply = await fetch(path, {
      method,
      headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  } catch {
    throw new Refused(0, 'unreachable', 'the gateway does not answer; it is asked again when you try again');
  }
  if (reply.status === 204) return undefined as T;
  const said = (await reply.json().catch(() => ({}))) as { code?: string; detail?: string };
  if (reply.ok) return said as T;
  if (reply.status === 401 && path !== '/console/session') onLoggedOut();
  throw new Refused(reply.status, said.code ?? 'unexpected', said.detail ?? `the gateway answered ${reply.status}`);
}

/** A query string of what is given of the fields. */
export function queryOf(fields: Readonly<Record<string, string | number | undefined>>): string {
  const given = Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
}

export const userPath = (id: string, rest = '') => `/v1/users/${encodeURIComponent(id)}/onboarding${rest}`;

export const session = {
  whose: () => knock<Holder>('GET', '/console/session'),
  begin: (token: string) => knock<void>('POST', '/console/session', { token }),
  end: () => knock<void>('DELETE', '/console/session'),
};

export const journeys = {
  list: (filter: Filter, cursor?: string) =>
    knock<Listing>('GET', `/v1/journeys${queryOf({ ...filter, limit: 50, cursor })}`),
  count: (filter: Filter) => knock<{ count: number }>('GET', `/v1/journeys/count${queryOf({ ...filter })}`),
};

export const person = {
  status: (id: string) => knock<Status>('GET', userPath(id)),
  timeline: (id: string) => knock<Timeline>('GET', userPath(id, '/timeline?stood=true')),
  forecast: (id: string, command: string) => knock<Forecast>('GET', userPath(id, `/forecast${queryOf({ command })}`)),
};

export const operations = {
  list: (cursor?: string) => knock<OperationPage>('GET', `/v1/operations${queryOf({ limit: 20, cursor })}`),
  report: (id: string, cursor?: string) =>
    knock<OperationReport>('GET', `/v1/operations/${encodeURIComponent(id)}${queryOf({ limit: 100, cursor })}`),
  order: (request: OperationRequest, key: string) =>
    knock<{ id: string }>('POST', '/v1/operations', request, { 'idempotency-key': key }),
  stop: (id: string, reason: string) =>
    knock<Operation>('POST', `/v1/operations/${encodeURIComponent(id)}/stop`, { reason }),
};

export const recovery = {
  act: (act: 'pause' | 'resume' | 'trigger', reason: string) =>
    knock<RecoveryStatus>('POST', `/v1/recovery/${act}`, { reason }),
};

export const webhooks = {
  list: (cursor?: string) => knock<Webhooks>('GET', `/v1/webhooks${queryOf({ limit: 50, cursor })}`),
  resend: (id: string) => knock<{ id: string }>('POST', `/v1/webhooks/${encodeURIComponent(id)}/resend`),
};

/** One request that tells a user's journey something: as it is sent, and as it is shown to be copied. */
export interface Request {
  readonly method: 'POST' | 'DELETE';
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Makes a request that changes something; under the same key it is carried out once. */
export const tell = ({ method, path, body }: Request, key: string) =>
  knock<unknown>(method, path, body, { 'idempotency-key': key });

const CONNECT_AGAIN = 3_000;

/**
 * Follows an event stream for as long as somebody looks. A connection that breaks is taken up again: by the browser itself or,
 * where something else than a stream was answered, here. Whether the session is over is looked at then.
 *
 * @param hear what to do with each event of a name
 * @param lost told when the connection broke
 * @returns what ends it
 */
export function follow(
  path: string,
  hear: Readonly<Record<string, (data: unknown) => void>>,
  lost: () => void,
): () => void {
  let isOver = false;
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const connect = () => {
    const opened = new EventSource(path);
    source = opened;
    for (const [name, act] of Object.entries(hear)) {
      opened.addEventListener(name, (event: MessageEvent<string>) => act(JSON.parse(event.data)));
    }
    opened.addEventListener('error', () => {
      lost();
      if (isOver || opened.readyState !== EventSource.CLOSED) return;
      timer = setTimeout(connect, CONNECT_AGAIN);
      session.whose().catch((error: unknown) => {
        if (error instanceof Refused && error.status === 401) onLoggedOut();
      });
    });
  };
  connect();
  return () => {
    isOver = true;
    clearTimeout(timer);
    source?.close();
  };
}
