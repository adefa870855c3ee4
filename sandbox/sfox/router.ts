import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { deactivate, list, read, register } from './calls/account.ts';
import { confirm, send } from './calls/verification.ts';
import { nameOf, perform, usualRefusal, type Call } from './faults/faults.ts';
import { decodePart, deliver, parseFields, readBody, refuse, type Fields, type Outcome, type Reply } from './http.ts';
import { isChannel } from './channels.ts';
import type { Users } from './users.ts';
import type { SimulatorState } from './simulator-state.ts';

const WORK: Record<Call, (users: Users, userId: string, fields: Fields) => Reply> = {
  send,
  confirm,
  read,
  register,
  deactivate,
  list,
};

const USERS = '/v1/enterprise/users';
const ROUTES: readonly { call: Call; method: string; path: RegExp }[] = [
  { call: 'send', method: 'POST', path: new RegExp(`^${USERS}/send-verification/([^/]+)$`) },
  { call: 'confirm', method: 'POST', path: new RegExp(`^${USERS}/verify/([^/]+)$`) },
  { call: 'read', method: 'GET', path: new RegExp(`^${USERS}/([^/]+)$`) },
  { call: 'list', method: 'GET', path: new RegExp(`^${USERS}$`) },
  { call: 'register', method: 'POST', path: /^\/v1\/enterprise\/register-account$/ },
  { call: 'deactivate', method: 'DELETE', path: /^\/v1\/enterprise\/account\/([^/]+)$/ },
];

/** The name under which faults of a call that is about no single user are queued. */
const EVERY_USER = '*';

/** A request to a known call. `userId` is empty if there is none; `text` is absent if the body is too large. */
interface Ask {
  call: Call;
  method: string;
  wanted: string;
  userId: string;
  authorization: string | undefined;
  text: string | undefined;
  fields: Fields | undefined;
}

interface Answer {
  outcome: Outcome;
  fault: string | null;
}

/** The maximum number of log entries, enough for a long load test. The oldest are removed first. */
const MAX_LOGGED_REQUESTS = 200_000;

/** Answers one of the provider's calls and adds it to the log. */
export async function serveCall(
  world: SimulatorState,
  req: IncomingMessage,
  res: ServerResponse,
  path: string,
): Promise<void> {
  const at = new Date().toISOString();
  const ask = await understand(req, path);
  if (!ask) return deliver(res, refuse(404, 'Not found'));
  const { outcome, fault } = await answer(world, ask);
  const { method, call, userId, fields } = ask;
  const channel = isChannel(fields?.['type']) ? fields['type'] : null;
  const status = typeof outcome === 'string' ? outcome : outcome.status;
  const verified = world.users.verifiedOf(userId);
  world.requests.push({ at, method, call, userId: userId || null, channel, status, fault, verified });
  if (world.requests.length > MAX_LOGGED_REQUESTS) world.requests.shift();
  world.changed();
  deliver(res, outcome);
}

async function understand(req: IncomingMessage, path: string): Promise<Ask | undefined> {
  const text = await readBody(req);
  const route = ROUTES.find((route) => route.path.test(path));
  if (!route) return undefined;
  const fields = text === undefined ? undefined : parseFields(text);
  const idInBody = fields?.['user_id'];
  const inPath = decodePart(route.path.exec(path)?.[1] ?? '') ?? '';
  const userId = route.call !== 'register' ? inPath : typeof idInBody === 'string' ? idInBody : '';
  const { method = '', headers } = req;
  return { call: route.call, method, wanted: route.method, userId, authorization: headers.authorization, text, fields };
}

async function answer(world: SimulatorState, ask: Ask): Promise<Answer> {
  if (world.outage) return { outcome: usualRefusal(503), fault: 'outage' };
  const refused = refusal(world, ask);
  if (refused) return { outcome: refused, fault: null };
  const scripted = ask.call === 'list' ? EVERY_USER : ask.userId;
  const fault = scripted === '' ? 'ok' : world.scripts.next(scripted, ask.call);
  const outcome = await perform(fault, () => work(world.users, ask), {
    wait: (ms) => sleep(ms, undefined, { signal: world.closing }),
    hold: (name) => world.holds.wait(name, world.closing),
  });
  return { outcome, fault: nameOf(fault) };
}

/** Returns the error of a request that does not depend on its user. Such a request consumes no fault. */
function refusal(world: SimulatorState, ask: Ask): Reply | undefined {
  if (ask.method !== ask.wanted) return { ...refuse(405, 'Method not allowed'), headers: { allow: ask.wanted } };
  if (ask.authorization !== `Bearer ${world.key}`) return usualRefusal(401);
  if (ask.text === undefined) return refuse(413, 'Body is too large');
  return undefined;
}

function work(users: Users, ask: Ask): Reply {
  if (ask.userId === '' && !['register', 'list'].includes(ask.call)) return refuse(400, 'user_id is malformed');
  if (!['read', 'deactivate', 'list'].includes(ask.call) && !ask.fields) return refuse(400, 'Malformed JSON');
  return WORK[ask.call](users, ask.userId, ask.fields ?? {});
}
