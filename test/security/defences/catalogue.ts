/** A change of the product. */
export interface Edit {
  /** Relative to the project's root. */
  readonly file: string;
  /** A text that the file contains once. */
  readonly from: string;
  readonly to: string;
}

/** The edits that remove a defence: its test must fail then. If either of two parts is sufficient, both are removed. */
export type Defence = readonly Edit[];

const edit = (file: string, from: string, to = ''): Edit => ({ file, from, to });

const auth = 'client/gateway/plugins/auth.ts';
const callers = 'client/gateway/plugins/rate-limits.ts';
const app = 'client/gateway/app.ts';
const sessions = 'client/gateway/sessions/sessions.ts';
const audit = 'client/gateway/audit/plugin.ts';
const http = 'activities/sfox/http-client.ts';
const codec = 'client/temporal/encryption-codec.ts';
const envelope = 'workflows/engine/core/envelope.ts';
const verify = 'client/receipts/verify.ts';
const oidc = 'client/gateway/oidc/plugin.ts';
const oidcProvider = 'client/gateway/oidc/provider.ts';

/** A payload that is not an envelope is accepted as one of the expected type. */
const acceptAnything = edit(
  envelope,
  "  throw new EnvelopeError('notAuthentic', expected);",
  "  return { type: expected as EnvelopeType, id: 'none', at: Date.now(), body: payload };",
);
const bindToNothing = edit(
  codec,
  '    if (reader !== undefined && !isSame(owner, reader, anyNamespace)) {',
  '    if (false) {',
);

const withoutSignature = edit(
  verify,
  '...(await signatureProblems(receipt, keys)),',
  '...(await signatureProblems(receipt, keys)).slice(0, 0),',
);

/** The check here, and that of the library. */
const acceptAnyState = [
  edit(
    oidc,
    "    if (attempt === undefined || searchParams.get('state') !== attempt.state) return refuse(request, reply, noAttempt);",
    "    if (searchParams.get('state') === 'none' || attempt === undefined) return refuse(request, reply, { ...noAttempt, status: 403 });",
  ),
  edit(oidcProvider, 'expectedState: state,', "expectedState: state === '' ? state : oidc.skipStateCheck,"),
];

/** By what an attacker cannot do, as `docs/security.md` says it. */
export const defences: Readonly<Record<string, Defence>> = {
  'call a route without a token': [
    edit(
      auth,
      "  if (principal === undefined) throw authentication.unknownCallers.refuse(request, 'unauthorized');",
      '  if (principal === undefined) return;',
    ),
  ],
  'try tokens or signatures at a high rate': [
    edit(
      callers,
      '    if (current.count <= this.#max) return new ProblemError(code, detail);',
      '    if (current.count <= this.#max || current.count > 0) return new ProblemError(code, detail);',
    ),
  ],
  'use up the rate of a token by a forged `X-Forwarded-For`': [
    edit(
      callers,
      "isIP(ip) === 0 ? (socket.remoteAddress ?? 'none') : ip;",
      "ip === '' ? (socket.remoteAddress ?? 'none') : ip;",
    ),
    edit(callers, '`address:${addressOf(request)}`', 'addressOf(request)'),
  ],
  'pass the limit of logins by forged addresses': [
    edit(app, 'trustProxy: proxyTrustOf(trustProxy),', 'trustProxy: proxyTrustOf(trustProxy) !== undefined,'),
  ],
  'load Temporal by readiness checks': [
    edit('client/gateway/plugins/readiness.ts', 'if (last.until > Date.now()) return', 'if (last.until < 0) return'),
  ],
  'start a journey by a forged event': [
    edit(
      'client/gateway/signup-events/verify-signature.ts',
      'one.length === expected.length && timingSafeEqual(one, expected)',
      'one.length === expected.length || timingSafeEqual(one, expected)',
    ),
  ],
  'start or reset a journey by repeating an event': [
    edit('client/journeys/start.ts', "policy }, 'REJECT_DUPLICATE')", "policy }, 'ALLOW_DUPLICATE_FAILED_ONLY')"),
    edit(
      'client/journeys/start.ts',
      '      workflowIdReusePolicy: reuse,',
      "      workflowIdReusePolicy: reuse,\n      workflowIdConflictPolicy: 'TERMINATE_EXISTING',",
    ),
  ],
  'use a login link twice, or after its hour': [
    edit('client/gateway/sessions/login-links.ts', '    this.#holders.delete(key);'),
    edit('client/gateway/sessions/login-links.ts', 'now < found.until', 'now > 0'),
  ],
  'hold a connection by sending without an end': [
    edit(app, '    requestTimeout: requestTimeouts.request,\n    http', '    http'),
    edit(app, '      requestTimeout: requestTimeouts.request,\n', '      requestTimeout: 0,\n'),
  ],
  "occupy the worker's port": [edit('worker/health/health-server.ts', '  server.maxConnections = MAX_CONNECTIONS;')],
  'put a token or code into the log': [
    edit(
      'client/gateway/plugins/request-log.ts',
      'function requestFields({ method, routeOptions, params, ip }: FastifyRequest): object {',
      'function requestFields({ method, routeOptions, params, ip, headers }: FastifyRequest): object {',
    ),
    edit(
      'client/gateway/plugins/request-log.ts',
      '...(isChecked && { id }), remoteAddress: ip',
      '...(isChecked && { id }), headers, remoteAddress: ip',
    ),
  ],
  'reach into objects by `__proto__` in a body': [
    edit(app, "app.getDefaultJsonParser('error', 'error')", "app.getDefaultJsonParser('ignore', 'ignore')"),
  ],
  "leave the path of the provider's address by a user id": [
    edit('client/validation.ts', "USER_ID.test(userId) && userId !== '.' && userId !== '..'", 'USER_ID.test(userId)'),
  ],
  'exceed the rate of events': [
    edit(callers, '    if (this.#count <= this.#max) return;', '    if (this.#count <= this.#max + 1e9) return;'),
  ],
  "change an account's type": [
    edit(
      'client/gateway/routes/signup-events.ts',
      '    if (error instanceof AccountTypeDiffers) return false;',
      '    if (error instanceof AccountTypeDiffers) return true;',
    ),
  ],
  'use an endpoint of operators or viewers': [
    edit(
      'client/gateway/plugins/tokens.ts',
      "  return allowed.includes(role) || (role === 'operator' && allowed.includes('viewer'));",
      "  return allowed.length > 0 || role === 'operator';",
    ),
  ],
  'guess more often than the policy allows': [
    edit(
      'workflows/journey/machine/guards.ts',
      'limits.guessesLeft(scope.context, channelOf(scope), timeOf(scope)) > 0',
      'limits.guessesLeft(scope.context, channelOf(scope), timeOf(scope)) >= 0',
    ),
  ],
  'guess for free by another code under the same idempotency key': [
    edit(
      'client/journeys/idempotent-update.ts',
      "refused.fingerprint !== fingerprint && name !== 'submitCode'",
      'refused.fingerprint !== fingerprint',
    ),
  ],
  'have more codes sent than the budget of all journeys allows': [
    edit(
      'worker/provider/send-budget.ts',
      '    if (opensAt !== undefined) {',
      '    if (opensAt !== undefined && opensAt < 0) {',
    ),
  ],
  'ask for codes without being counted by its name': [
    edit(
      'client/gateway/metrics/http-metrics.ts',
      'requested.inc({ role: holder.role, name: holder.name });',
      "requested.inc({ role: holder.role, name: '' });",
    ),
  ],
  'call more often than its rate': [edit(app, '    max: rate.calls,', '    max: 1_000_000_000,')],
  "delay others' codes by rechecks": [
    edit('client/gateway/routes/journey/commands.ts', ", ...(limit === 'recheck' && { rateLimit: recheckRate(rate) })"),
  ],
  'restart a cancelled journey': [
    edit(
      'client/journeys/start.ts',
      "(state === 'cancelled' && role === 'operator')",
      "(state === 'cancelled' && role !== undefined)",
    ),
  ],
  'have more codes or guesses by superseding a journey': [
    edit(
      'workflows/journey/status/result.ts',
      'withoutChannel(countersOf(snapshot.context, updatedAt), changed)',
      'withoutChannel(countersOf(snapshot.context, updatedAt + 2 * DAY), changed)',
    ),
  ],
  "get around an operator's pause by superseding the journey": [
    edit(
      'workflows/journey-updates.ts',
      "      throw refusal('NotNow', 'only an operator can supersede a paused journey', state);",
    ),
  ],
  'learn who of the operators acted, and why': [
    edit(
      'workflows/journey/status/role-views.ts',
      'return ours ? { ...item, by: null, reason: null } : { ...item };',
      'return ours ? { ...item } : { ...item };',
    ),
  ],
  'learn an operator from `revision_differs`': [
    edit(
      'client/gateway/plugins/error-handler.ts',
      '(timelineForRole([newest], holder?.role)[0] ?? null);',
      "(timelineForRole([newest], holder?.role === 'app' ? 'operator' : holder?.role)[0] ?? null);",
    ),
  ],
  'read acts or notes': [
    edit(
      'client/gateway/routes/operators/acts.ts',
      "    '/v1/acts',\n    {\n      config: { roles: ['viewer'] },",
      "    '/v1/acts',\n    {\n      config: { roles: ['viewer', 'app'] },",
    ),
    edit(
      'client/gateway/routes/operators/notes.ts',
      "config: { roles: ['viewer'] },",
      "config: { roles: ['viewer', 'app'] },",
    ),
  ],
  "steer an operator's terminal by a reason": [
    edit(
      'client/gateway/schemas/journey.ts',
      "    if (message !== undefined) context.addIssue({ code: 'custom', message });",
    ),
    edit('client/errors.ts', 'const problem = findTextProblem(reason);', "const problem = findTextProblem('');"),
  ],
  'read payloads by `/codec`': [
    edit(
      'client/gateway/routes/codec-server.ts',
      "config: { roles: ['operator'], origins",
      "config: { roles: ['app', 'viewer'], origins",
    ),
  ],
  'use up the memory by streams that it does not read': [
    edit(
      'client/gateway/plugins/bounded-writer.ts',
      'if (this.#raw.writableLength >= MAX_UNREAD_BYTES) this.#waiting = event;',
      'if (this.#raw.writableLength < 0) this.#waiting = event;',
    ),
  ],
  'have twice the guesses by spelling an id in another way, under `userIds: folded`': [
    edit(
      'client/validation.ts',
      "rule === 'folded' ? userId.toLowerCase() : userId",
      "rule === 'folded' ? userId : userId",
    ),
  ],
  'start an operation': [
    edit(
      'client/gateway/routes/bulk-operations.ts',
      "config: { roles: ['operator'], act: 'operation' }",
      "config: { roles: ['viewer'], act: 'operation' }",
    ),
  ],
  'see an action in the console that its role may not perform': [
    edit(
      'client/console/pages/hooks/live.ts',
      "useLive().principal.role === 'operator'",
      "useLive().principal.role !== 'app'",
    ),
  ],
  'write a note': [
    edit(
      'client/gateway/routes/operators/notes.ts',
      "config: { roles: ['operator'], act: 'addNote' },",
      "config: { roles: ['viewer'], act: 'addNote' },",
    ),
    edit(
      'client/gateway/routes/operators/notes.ts',
      'request.body.text, callerOf(request)',
      "request.body.text, { role: 'operator', name: request.holder?.name ?? '' }",
    ),
  ],
  'have more what-ifs run than one, and five of all callers': [
    edit(
      'client/what-ifs/running.ts',
      'checkRoom(by, await this.#running(earlier));',
      "checkRoom('', (await this.#running(earlier)).slice(0, 1));",
    ),
  ],
  'list something else by a forged cursor': [
    edit(
      'client/gateway/plugins/cursors.ts',
      'if (mac.length === MAC_BYTES && keys.some(',
      'if (mac.length <= MAC_BYTES || keys.some(',
    ),
  ],
  'open more streams than its token may': [
    edit(
      'client/gateway/plugins/sse.ts',
      '    if (open >= this.#limits.maxStreams[holder.role]) {',
      '    if (open < 0) {',
    ),
  ],
  'read on after the logout: event streams': [
    edit(
      'client/gateway/plugins/sse.ts',
      '    forget = this.#requests.add(reply.request?.session ?? null, end);',
      '    forget = this.#requests.add(null, end);',
    ),
  ],
  'read on after the logout: long-polls': [
    edit(
      'client/gateway/routes/journey/status.ts',
      '  const forget = requests.add(session, () => {',
      '  const forget = requests.add(session === null ? session : null, () => {',
    ),
  ],
  'act with a copy of a cookie after the logout': [
    edit(auth, '  return (await hasEnded) ? undefined : {', '  await hasEnded;\n  return {'),
  ],
  'act in the session of a logged-in user': [edit(auth, '  if (!isRead) requireSameOrigin(request);')],
  'read the cookie by a script, or the token from it': [edit(sessions, 'httpOnly: true', 'httpOnly: false')],
  'have the cookie sent over http, or set one from a sibling host': [
    edit(
      sessions,
      '  const secure = !isLocal(request);',
      '  const secure = !isLocal(request) && bareName.length === 0;',
    ),
  ],
  'frame the console, or run a script of its own in it': [
    edit(
      'client/gateway/routes/console.ts',
      "`script-src 'self' 'sha256-",
      "`script-src 'unsafe-inline' 'self' 'sha256-",
    ),
  ],
  "log a victim in as the attacker, by the attacker's address of return": acceptAnyState,
  'return with a forged state': acceptAnyState,
  'use a stolen code': [
    edit(oidcProvider, '      code_challenge: await oidc.calculatePKCECodeChallenge(expected.verifier),\n'),
    edit(oidcProvider, "      code_challenge_method: 'S256',\n"),
    edit(
      oidcProvider,
      '      pkceCodeVerifier: verifier,\n',
      "      ...(verifier === '' && { pkceCodeVerifier: verifier }),\n",
    ),
  ],
  'log in by a forged or foreign ID token': [
    edit(
      oidcProvider,
      'const execute = [oidc.enableNonRepudiationChecks];',
      'const execute: ((config: oidc.Configuration) => void)[] = [];',
    ),
  ],
  'lead a person elsewhere after the login': [
    edit(
      oidc,
      "if (url?.origin === publicUrl.origin && url.pathname.startsWith('/console/')) return",
      'if (url !== undefined) return',
    ),
  ],
  'begin a login from another page': [
    edit(oidc, '    requireSameOrigin(request);\n', "    if (returnTo === 'none') requireSameOrigin(request);\n"),
    edit(oidc, 'if (request.headers.origin !== origin) {', "if (origin === '') {"),
  ],
  'read a code, a token or the verifier from the log, an address or a cookie': [
    edit(oidc, "request.log.info({ by: person }, 'logged in", "request.log.info({ by: person, search }, 'logged in"),
  ],
  'get a role that the claim does not give': [
    edit(
      'client/gateway/oidc/person.ts',
      "  if (found.has('viewer')) return 'viewer';",
      "  if (found.size > 0) return 'viewer';",
    ),
  ],
  'act under the name of a token': [
    edit(oidc, 'if (this.#sessions.isTokenName(person.name)) {', "if (person.name === '') {"),
  ],
  'read on after the ID token has expired': [
    edit(
      oidc,
      'const expiresAt = Math.min(claims.exp * 1_000, now + SESSION_TTL_SECONDS * 1_000);',
      'const expiresAt = now + SESSION_TTL_SECONDS * 1_000;',
    ),
  ],
  'approve their own operation, also after a change of name': [
    edit(
      'workflows/bulk-operation/approval.ts',
      'if (one.personId !== undefined && other.personId !== undefined) return one.personId === other.personId;',
    ),
  ],
  'run an operation above the limit without a second operator': [
    edit('client/bulk-operations/create.ts', 'dryRun || expected <= this.#approvals.above)', 'dryRun || expected > 0)'),
  ],
  'have another operation run than the approved one': [
    edit(
      'workflows/bulk-operation/approval.ts',
      'if (request.digest !== order.fingerprint) {',
      "if (request.digest === '') {",
    ),
  ],
  'start a real `adoptPolicy` with another policy than its dry run': [
    edit(
      'client/bulk-operations/create.ts',
      'if (!isDeepStrictEqual(order.document, policy)) throw',
      'if (order.document === null && policy !== undefined) throw',
    ),
  ],
  'keep an act on an erased user, also one that is listed late': [
    edit(
      'client/journeys/lifecycle/erase.ts',
      'const isSettled = Date.now() - emptySince >= VISIBILITY_DELAY_MS;',
      'const isSettled = emptySince < Infinity || emptySince < VISIBILITY_DELAY_MS;',
    ),
  ],
  'keep a note on an erased user, also one that was being written': [
    edit(
      'client/operators/notes.ts',
      'if (userId !== null) await this.#removeUnlessUser',
      "if (userId === '') await this.#removeUnlessUser",
    ),
  ],
  'keep what a what-if says of an erased user': [
    edit(
      'client/what-ifs/compare-page.ts',
      'items: different.filter((_, index) => erased[index] === false),',
      'items: erased.length === 0 ? [] : different,',
    ),
  ],
  "keep an erased user's id in the reason of an act on several users": [
    edit(
      'client/gateway/audit/operator-act.ts',
      'withoutUsers(reason, othersIn(parameters))',
      'withoutUsers(reason, othersIn(parameters).slice(0, 0))',
    ),
  ],
  'keep a page of a what-if that was compared before the erasure': [
    edit(
      'client/journeys/lifecycle/erase.ts',
      'intersectionOf(await this.#operations.pagesInFlight(), pages)',
      'intersectionOf(new Set<string>(), pages)',
    ),
  ],
  "keep an erased user's id in an act, or a reason, about another user": [
    edit(audit, 'const others = othersIn(parameters);', 'const others = othersIn(parameters).slice(0, 0);'),
  ],
  'act without a line in the audit log, also by hanging up': [
    edit(audit, "      await log.write({ ...act, phase: 'intent', ...auditLine(validatedFields(request)) });"),
  ],
  'act while the audit log cannot be written': [
    edit(
      audit,
      "      throw new ProblemError('audit_unavailable', undefined, RETRY_AFTER_S);",
      '      if (RETRY_AFTER_S < 0) throw error;',
    ),
  ],
  'hide an act by a log level': [edit(app, "logger.child({}, { level: 'info' })", 'logger.child({})')],
  'push an act out of a timeline by repeating others': [
    edit(
      'workflows/journey/stored/log.ts',
      '    else if (isByOperator(oldest)) continue;',
      '    else if (isByOperator(oldest) && index < 0) continue;',
    ),
  ],
  'read payloads unseen': [
    edit(
      'client/gateway/routes/codec-server.ts',
      ", act: act === 'encode' ? 'encodePayloads' : 'decodePayloads' }",
      ' }',
    ),
  ],
  'act as another by a payload that `/codec` has encoded': [
    edit(
      codec,
      'return owner.length > 0 && compared(owner) === compared(reader);',
      'return owner.length === 0 || compared(owner) === compared(reader);',
    ),
  ],
  'send a command to users that no dry run has named': [
    edit(
      'worker/activities/dry-run-users.ts',
      'const came = users.filter((userId) => !inDryRun.has(userId));',
      "const came = users.filter((userId) => !inDryRun.has(userId) && userId === '');",
    ),
  ],
  'send a command to many without a dry run': [
    edit(
      'client/bulk-operations/create.ts',
      '  if (dryRun !== true && dryRunId === undefined) {',
      "  if (dryRun !== true && dryRunId === '') {",
    ),
  ],
  'erase a user while a send is under way': [
    edit(
      'client/journeys/lifecycle/erase.ts',
      'if (!isCancelled) await orMissing(() => handle.cancel());',
      'if (!isCancelled) await orMissing(() => handle.terminate(ERASED));',
    ),
  ],
  'read a payload or the words of a failure': [
    edit(
      codec,
      'payloads.map((payload) => encrypt(payload, ownerOf(context) ?? []))',
      'payloads.map((payload) => (context === undefined ? encrypt(payload, []) : payload))',
    ),
    edit(
      codec,
      "      throw new ForeignPayloadError('the payload is not encrypted: Onward did not write it');",
      '      return payload;',
    ),
  ],
  "give a command: in the clear, as the constant of the SDK, another user's, an old one, another kind's, or one that the codec server sealed":
    [edit(envelope, "  if (envelope.type !== type) throw new EnvelopeError('wrongType', type);")],
  'have a signal carried out': [acceptAnything],
  'have a query answered': [acceptAnything],
  'start an execution that does anything, or make a list, a count or an erasure fail': [acceptAnything],
  'start a run of recovery by a recorded start, also while recovery is paused': [
    edit(
      'workflows/recovery/run.ts',
      "return (await this.#call('confirmRun', request)) ? undefined :",
      "return (await this.#call('confirmRun', request)) || this.#isStopped === false ? undefined :",
    ),
  ],
  'have recovery run while an operator has paused it, by resuming or triggering its Schedule': [
    edit(
      'client/recovery/schedule.ts',
      'state.paused || (paused !== null && (resumed === null || resumed.at < paused.at))',
      'state.paused || (paused !== null && resumed !== null && resumed.at === paused.at)',
    ),
  ],
  'make a user done': [
    edit(
      'client/journeys/closed-journey.ts',
      "  if (ended === 'done') throw new Unavailable('the ending of this journey cannot be read; retry in a few seconds');",
    ),
    edit(
      'client/journeys/closed-journey.ts',
      '  if (ended === UNREADABLE) {',
      '  if (ended === UNREADABLE) return undefined;\n  if (ended === null) {',
    ),
  ],
  "put a result in the place of another's, also of the same journey": [
    edit(
      'workflows/engine/runtime/activity-effects.ts',
      'const { body } = open(payload, `result:${activity}`, id);',
      'const { body } = open(payload, `result:${activity}`);',
    ),
    bindToNothing,
  ],
  'have another code sent by a forged failure of a send': [
    edit(
      'activities/send-attempts.ts',
      'if (isFirst || progressOf(info)?.attempt === attempt - 1) return;',
      'if (isFirst || attempt > 0) return;',
    ),
  ],
  'have another code sent by resetting a send': [
    edit(
      'activities/send-attempts.ts',
      'currentAttemptScheduledTimestampMs === scheduledTimestampMs',
      'currentAttemptScheduledTimestampMs >= scheduledTimestampMs',
    ),
  ],
  'have another code sent with a recorded heartbeat of an earlier run': [
    edit(
      'activities/send-attempts.ts',
      "progress.runId === (workflowExecution?.runId ?? '')",
      "typeof progress.runId === 'string' || workflowExecution === undefined",
    ),
  ],
  'make the overview or an erasure fail by an unreadable execution': [
    edit(
      'client/temporal/messages.ts',
      '  return describer.workflow.getHandle(workflowId, runId).describe();',
      '  return client.workflow.getHandle(workflowId, runId).describe();',
    ),
  ],
  'steer a terminal by a forged user id in CSV': [
    edit(
      'client/presentation/csv.ts',
      'withoutFormula(escapeText(value))',
      "withoutFormula(value === '' ? escapeText(value) : value)",
    ),
  ],
  'have an activity carried out, with a recorded order of a journey or without': [
    edit('workflows/engine/activity.ts', "    if (!isOurs) throw new EnvelopeError('wrongContext', type);"),
    bindToNothing,
  ],
  'have a request carried out twice': [
    edit(envelope, "    if (this.#seen.has(envelope.id)) throw new EnvelopeError('repeated', type);"),
  ],
  'have a request carried out that is older than the journey': [
    edit(envelope, "    if (envelope.at < this.#notBefore) throw new EnvelopeError('predatesWorkflow', type);"),
  ],
  'change a history: a worker that replays it treats a foreign result as none': [
    edit(
      'workflows/engine/runtime/activity-effects.ts',
      'const { body } = open(payload, `result:${activity}`, id);',
      'const { body } = open(payload, `result:${activity}`);',
    ),
    bindToNothing,
  ],
  'change a ciphertext, or the name of its key': [
    edit(codec, 'JSON.stringify([keyId, context])', 'JSON.stringify([context, keyId.length > 0])'),
  ],
  'read what was written under another key, or for another workflow': [
    bindToNothing,
    edit('workflows/onboarding.ts', ' || journeyId(userId) !== workflowInfo().workflowId'),
  ],
  'make a list fail by an unreadable entry': [
    edit('client/temporal/messages.ts', '    if (error instanceof ValueError) return UNREADABLE;'),
  ],
  'be impersonated: https except for loopback, certificates checked': [
    edit(
      'client/config/provider-settings.ts',
      "if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {",
      "if (url.protocol === '') {",
    ),
  ],
  'verify a user by a reply about another user or channel': [
    edit(
      'activities/sfox/subject.ts',
      "    if (channel !== null && named !== undefined && named !== channel) return 'the reply names another channel';",
    ),
  ],
  'verify a user by a record that names no user': [
    edit(
      'activities/sfox/parse-reply.ts',
      'user_id: z.union([z.string(), z.number()]) })',
      'user_id: z.unknown().optional() })',
    ),
  ],
  'answer a request before it was made': [
    edit('activities/sfox/idle-connections.ts', "    socket.once('data', drop);"),
  ],
  "hold a worker's slots by replies without an end": [
    edit(
      http,
      'await withDeadline(timeout + DEADLINE_GRACE_MS, noReplyInTime, sendRequest)',
      'await withDeadline(100 * STREAM_TIMEOUTS.request + DEADLINE_GRACE_MS, noReplyInTime, sendRequest)',
    ),
  ],
  'lead the key or a code elsewhere by a redirect': [edit(http, 'followRedirect: false', 'followRedirect: true')],
  'fill the memory by a long body, or by a packed one': [
    edit(
      http,
      '        if (transferred > MAX_BODY_BYTES) request.cancel();',
      '        if (transferred < 0) request.cancel();',
    ),
  ],
  'put key, code or address into logs and histories': [
    edit(
      'activities/redact.ts',
      'export function sanitize(text: string): string {',
      "export function sanitize(text: string): string {\n  if (text !== '') return text;",
    ),
  ],
  "put control characters on an operator's screen": [
    edit(
      'activities/redact.ts',
      "return /^[\\p{L}\\p{N}\\p{P}\\p{S}]/u.exec(text)?.[0] ?? '';",
      "return /^./su.exec(text)?.[0] ?? '';",
    ),
  ],
  'serve the journeys of another provider, such as the simulator those of production': [
    edit(
      'worker/provider/check-provider-id.ts',
      '    if (provider === null || ids.includes(provider)) return;',
      "    if (provider !== '') return;",
    ),
  ],
  "hold a worker's slots by silence": [
    edit(
      'activities/webhook-receiver.ts',
      "    deadline.addEventListener('abort', () => resolve('the receiver did not answer in time'));",
      '    deadline.throwIfAborted();',
    ),
  ],
  'steer the terminal of the CLI': [
    edit(
      'client/cli/output/escape.ts',
      "if (typeof value === 'string') return escapeText(value);",
      "if (typeof value === 'string') return value;",
    ),
    edit(
      'client/cli/output/output.ts',
      '[cell].flat().map(escapeText)',
      "[cell].flat().map((line) => escapeText('') + line)",
    ),
  ],
  'have a shell run what it completes': [
    edit(
      'client/cli/completion/commands.ts',
      'word.startsWith(last) && ID.test(word)',
      "word.startsWith(last) || ID.test('')",
    ),
  ],
  'lay out files that `npm start` writes its secrets into': [
    edit(
      'sandbox/stack/private-folder.ts',
      "const temporaryFile = `${file}.${randomBytes(6).toString('hex')}`;",
      "const temporaryFile = `${file}${randomBytes(0).toString('hex')}`;",
    ),
    edit(
      'sandbox/stack/private-folder.ts',
      'constants.O_CREAT | constants.O_EXCL',
      'constants.O_CREAT | constants.O_TRUNC',
    ),
  ],
  'have `npm start` use a folder behind a link': [
    edit(
      'sandbox/stack/private-folder.ts',
      '  if (!stats.isDirectory()) throw new Error(`${folder} must be a folder, not a link to one: ${advice}`);',
    ),
  ],
  'read the secrets from the environment of a Temporal binary': [
    edit(
      'sandbox/process/bare-environment.ts',
      '.filter(([name]) => NEEDED.test(name))',
      ".filter(([name]) => NEEDED.test(name) || name !== '')",
    ),
  ],
  'have a code sent to an erased user by suspending a worker': [
    edit(
      'worker/health/suspension.ts',
      '    if (!suspension.isInDoubt || (await isAwaited(client).catch(() => false))) return;',
      '    if (!suspension.isInDoubt || (await isAwaited(client).catch(() => false)) || DOUBT_MS > 0) return;',
    ),
  ],
  'hold a start by a FIFO in place of a secret': [
    edit('client/config/secret-file.ts', "    if (!stats.isFile()) return { problem: 'must name a regular file' };"),
  ],
  'have the simulator serve a Temporal server that was given': [
    edit(
      'sandbox/config.ts',
      "(toProvider || isSet('TEMPORAL_ADDRESS') ? providerOf(env) : undefined)",
      '(toProvider ? providerOf(env) : undefined)',
    ),
  ],
  'change a byte of the statement': [withoutSignature],
  'change a hash or the signature': [
    withoutSignature,
    edit(verify, '...chainProblems(receipt),', '...chainProblems(receipt).slice(0, 0),'),
  ],
  'take out an entry, the last one included': [
    edit(
      verify,
      '  if (problems.length > 0 || isWhole) return problems;',
      '  if (problems.length > 0 || isWhole || before.number < chain.entries) return problems;',
    ),
  ],
  'change a reason, or the order': [
    edit(verify, '    if (hash !== link.hash) problems', "    if (hash === '') problems"),
  ],
  'sign with another key, or one of the same name': [
    edit(
      verify,
      "    if (error instanceof errors.JOSEError) return [problem('signature', explainSignature(error, header, keys))];",
      "    if (error instanceof errors.JOSEError) return explainSignature(error, header, keys) === '' ? [] : [];",
    ),
  ],
  'chain the entries again after a change': [
    edit(
      verify,
      'const isWhole = before.number === chain.entries && before.hash === chain.last;',
      'const isWhole = before.number === chain.entries;',
    ),
  ],
  'add anything that is not signed': [
    edit('client/receipts/schema.ts', 'const Statement = z.strictObject({', 'const Statement = z.object({'),
  ],
  'add a member `__proto__`, which parsing leaves out': [
    edit(verify, 'toCanonicalJson(receipt) === toCanonicalJson(document)', "toCanonicalJson(receipt) !== ''"),
  ],
  'name a member twice, so that readers see different values': [
    edit(
      'client/cli/commands/receipts.ts',
      '  if (countMembers(text) !== countMembers(JSON.stringify(document))) {',
      "  if (countMembers(text) !== countMembers(JSON.stringify(document)) && text === '') {",
    ),
  ],
  'add anything to a signature, or spell it otherwise': [
    edit(verify, 'rest.length > 0', 'rest.length > 9'),
    edit(verify, "if (Buffer.from(bytes, 'base64url').toString('base64url') !== bytes)", "if (bytes === '')"),
  ],
  'learn a code, or more of an address than the masked hint': [
    edit(
      'workflows/journey/status/timeline.ts',
      "if (event.type !== 'submitCode') return",
      "if (event.type !== 'submitCode' || at > 0) return",
    ),
  ],
  'have even an issuer sign events that the machine refuses': [
    edit(verify, '...machineProblems(receipt),', '...machineProblems(receipt).slice(0, 0),'),
  ],
};

/** Rows without a defence that could be taken out, and why. */
export const withoutDefence: Readonly<Record<string, string>> = {
  'write a line of its own into the log': 'pino writes each line as JSON, which escapes line breaks',
  'use a code again': 'the provider accepts a code once (RFC 6749, section 4.1.2)',
  'have a person log in into a session that was planted':
    'a login always opens a new session, so there is nothing to take out',
  'learn from an error whether a user exists':
    'an erased user is unknown to Temporal as well, so they cannot be distinguished',
};
