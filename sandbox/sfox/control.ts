import type { IncomingMessage, ServerResponse } from 'node:http';
import { CALLS, FAULT_DOCS, isCall, isFault } from './faults/faults.ts';
import { decodePart, deliver, parseFields, readBody, refuse, type Fields, type Reply } from './http.ts';
import { LABELS } from './faults/labels.ts';
import { isRecordKind, RECORD_KINDS } from './record-kinds.ts';
import { isChannel } from './channels.ts';
import type { SimulatorState } from './simulator-state.ts';

/** A call of the control plane, for people and other processes. It needs no key, and is available on loopback only. */
interface Control {
  method: 'GET' | 'POST';
  path: RegExp;
  shown: string;
  act(world: SimulatorState, ask: { userId: string; query: URLSearchParams; fields: Fields }): Reply;
}

const CONTROLS: readonly Control[] = [
  { method: 'GET', path: /^\/sandbox\/?$/, shown: '/sandbox', act: help },
  {
    method: 'GET',
    path: /^\/sandbox\/outbox$/,
    shown: '/sandbox/outbox?user=&channel=',
    act: (world, { query }) => {
      const channel = query.get('channel');
      const mails = world.users.outbox(query.get('user') || undefined);
      return ok({ items: mails.filter((mail) => !channel || mail.channel === channel) });
    },
  },
  {
    method: 'GET',
    path: /^\/sandbox\/requests$/,
    shown: '/sandbox/requests',
    act: (world) => ok({ items: world.requests }),
  },
  {
    method: 'POST',
    path: /^\/sandbox\/outage$/,
    shown: '/sandbox/outage {on}',
    act: (world, { fields: { on } }) => {
      if (typeof on !== 'boolean') return refuse(400, 'on must be true or false');
      world.outage = on;
      return ok({ on });
    },
  },
  {
    method: 'POST',
    path: /^\/sandbox\/users\/([^/]+)\/script$/,
    shown: '/sandbox/users/{id}/script {call, faults}',
    act: (world, { userId, fields: { call, faults } }) => {
      if (!isCall(call)) return refuse(400, `call must be one of ${CALLS.join(', ')}`);
      if (!Array.isArray(faults) || !faults.every(isFault)) return refuse(400, 'faults must be a list of faults');
      world.scripts.add(userId, call, faults);
      return ok({ userId, call, added: faults.length });
    },
  },
  {
    method: 'POST',
    path: /^\/sandbox\/release$/,
    shown: '/sandbox/release {hold}',
    act: (world, { fields: { hold } }) => {
      if (typeof hold !== 'string') return refuse(400, 'hold must be a string');
      world.holds.of(hold).release();
      return ok({ hold });
    },
  },
  {
    method: 'POST',
    path: /^\/sandbox\/users\/([^/]+)\/record$/,
    shown: '/sandbox/users/{id}/record {record}',
    act: (world, { userId, fields: { record } }) => {
      if (!isRecordKind(record)) return refuse(400, `record must be one of ${RECORD_KINDS.join(', ')}`);
      world.users.setRecord(userId, record);
      return ok({ userId, record });
    },
  },
  {
    method: 'POST',
    path: /^\/sandbox\/users\/([^/]+)\/remove$/,
    shown: '/sandbox/users/{id}/remove',
    act: (world, { userId }) => (world.users.remove(userId), ok({ userId })),
  },
  {
    method: 'POST',
    path: /^\/sandbox\/crowd$/,
    shown: '/sandbox/crowd {name, count}',
    act: (world, { fields: { name, count } }) => {
      if (typeof name !== 'string') return refuse(400, 'name must be a string');
      if (!isCrowd(count)) return refuse(400, `count must be a whole number from 1 to ${MAX_CROWD}`);
      world.users.registerCrowd(name, count);
      return ok({ name, count });
    },
  },
  markAs('verify', true),
  markAs('open', false),
];

/** Answers a request to `/sandbox…`. */
export async function serveControl(
  world: SimulatorState,
  req: IncomingMessage,
  res: ServerResponse,
  url: string,
): Promise<void> {
  const [path = '', query = ''] = url.split('?', 2);
  const text = await readBody(req);
  // A web page can make a browser send requests here. Its Host (DNS rebinding) or Origin header identifies it.
  if (!isLoopback(req)) return deliver(res, refuse(403, 'The control plane answers on loopback only'));
  if (text === undefined) return deliver(res, refuse(413, 'Body is too large'));
  const control = CONTROLS.find((control) => control.path.test(path) && control.method === req.method);
  if (!control) return deliver(res, refuse(404, 'Not found; GET /sandbox lists what there is'));
  const userId = decodePart(control.path.exec(path)?.[1] ?? '');
  const fields = req.method === 'GET' ? {} : parseFields(text);
  if (userId === undefined || !fields) return deliver(res, refuse(400, 'The id or the JSON is malformed'));
  const reply = control.act(world, { userId, query: new URLSearchParams(query), fields });
  if (control.method === 'POST') world.changed();
  deliver(res, reply);
}

function markAs(word: 'verify' | 'open', verified: boolean): Control {
  return {
    method: 'POST',
    path: new RegExp(`^/sandbox/users/([^/]+)/${word}$`),
    shown: `/sandbox/users/{id}/${word} {channel}`,
    act: (world, { userId, fields: { channel } }) => {
      if (!isChannel(channel)) return refuse(400, 'channel must be email or sms');
      world.users.setVerified(userId, channel, verified);
      return ok({ userId, channel, verified });
    },
  };
}

const MAX_CROWD = 100_000;

function isCrowd(count: unknown): count is number {
  return Number.isInteger(count) && Number(count) >= 1 && Number(count) <= MAX_CROWD;
}

function help(): Reply {
  const labels = Object.entries(LABELS).map(([name, label]) => [name, label.description]);
  return ok({
    calls: CONTROLS.map(({ method, shown }) => `${method} ${shown}`),
    labels: Object.fromEntries(labels) as unknown,
    useOfLabels: 'append one or more to a name in a user id: joe.lost-reply, mia.business.slow',
    faults: FAULT_DOCS,
    useOfFaults: `POST /sandbox/users/joe/script {"call":"send","faults":[{"status":503},"ok"]}: one for each of the next calls, which are ${CALLS.join(', ')}`,
  });
}

function ok(body: unknown): Reply {
  return { status: 200, body };
}

const LOOPBACK_HOST = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;
const LOOPBACK_ADDRESS = /^(::1|(::ffff:)?127(\.\d{1,3}){3})$/;

function isLoopback(req: IncomingMessage): boolean {
  const { host = '', origin } = req.headers;
  if (origin !== undefined && !LOOPBACK_HOST.test(origin.replace(/^https?:\/\//, ''))) return false;
  return LOOPBACK_HOST.test(host) && LOOPBACK_ADDRESS.test(req.socket.remoteAddress ?? '');
}
