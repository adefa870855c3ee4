import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { z } from 'zod';
import { fromOwnPage } from './entry.ts';
import { Refused, refusals } from './problems.ts';
import { guarded, json, secured, withBody } from './routes.ts';
import type { App } from './routes.ts';
import { SESSION, SESSION_LIFE } from './sessions.ts';
import type { Sessions } from './sessions.ts';
import { holderOf, roles } from './tokens.ts';
import type { Token } from './tokens.ts';

export interface ConsoleOptions {
  readonly tokens: readonly Token[];
  readonly sessions: Sessions;
  /** The folder of the compiled pages. */
  readonly pages: string;
  /** Where Temporal’s own pages show workflows. */
  readonly temporalUi?: string | undefined;
}

const about = (operationId: string, summary: string) => ({ operationId, tags: ['console'], summary });
const Login = z.strictObject({ token: z.string().min(1).max(1_024).describe('Of a viewer or an operator.') });
const Holder = z.object({
  role: z.enum(roles),
  name: z.string(),
  temporalUi: z.string().nullable().describe('Where Temporal’s own pages show workflows.'),
});
const gone = { 204: z.void().describe('Done.') };

/** How many tokens one address may try in ten seconds. */
const TRIES = { max: 20, timeWindow: 10_000 };

/** The console's pages, and the session in which they knock at the other doors. */
export async function console(app: App, { tokens, sessions, pages, temporalUi }: ConsoleOptions): Promise<void> {
  const kept = { path: '/', httpOnly: true, sameSite: 'strict' } as const;
  app.post(
    '/console/session',
    {
      config: { rateLimit: TRIES },
      schema: {
        ...about('logIn', 'Begins a session in a browser'),
        body: Login,
        response: { ...gone, ...refusals(...withBody) },
      },
    },
    async (request, reply) => {
      fromOwnPage(request);
      const holder = holderOf(request.body.token, tokens);
      if (holder === undefined) throw new Refused('unauthorized', 'no such token is known here');
      if (holder.role === 'app') throw new Refused('forbidden', 'the console is for viewers and operators');
      const secure = request.protocol === 'https';
      return reply
        .setCookie(SESSION, sessions.open(holder), { ...kept, secure, maxAge: SESSION_LIFE })
        .code(204)
        .send();
    },
  );
  app.get(
    '/console/session',
    {
      config: { roles: ['viewer'] },
      schema: {
        ...about('session', 'Whose session it is'),
        security: secured,
        response: { 200: json('Who looks.', Holder), ...refusals(...guarded) },
      },
    },
    ({ holder }) => ({ role: holder?.role ?? 'viewer', name: holder?.name ?? '', temporalUi: temporalUi ?? null }),
  );
  app.delete(
    '/console/session',
    {
      schema: {
        ...about('logOut', 'Ends the session in this browser'),
        response: { ...gone, ...refusals('forbidden', 'too_many_requests') },
      },
    },
    async (request, reply) => {
      fromOwnPage(request);
      return reply.clearCookie(SESSION, kept).code(204).send();
    },
  );
  app.addHook('onSend', async (_request, reply) => void reply.header('content-security-policy', policy));
  const { policy } = await servePages(app, pages);
}

/** Where the console's screens are: each is the same page, which looks at its own address. */
const SCREENS = [
  '/console/',
  '/console/people',
  '/console/people/:id',
  '/console/operations',
  '/console/operations/:id',
];

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Every page is read once, at the start: no request names a file. */
async function servePages(app: App, folder: string): Promise<{ readonly policy: string }> {
  const serve = (path: string, type: string, content: Buffer) =>
    app.get(path, { schema: { hide: true } }, (_request, reply) => reply.type(type).serializer(String).send(content));
  for (const name of await readdir(folder)) {
    const type = types[extname(name)];
    if (type !== undefined) serve(`/console/${name}`, type, await readFile(join(folder, name)));
  }
  const page = await readFile(join(folder, 'index.html'));
  for (const path of SCREENS) serve(path, 'text/html; charset=utf-8', page);
  app.get('/console', { schema: { hide: true } }, (_request, reply) => reply.redirect('/console/', 308));
  return { policy: policyOf(page.toString()) };
}

/** Nothing from elsewhere, and nothing inline but the page's import map, which is known by its hash. */
function policyOf(page: string): string {
  const [, imports = ''] = /<script type="importmap">(.*?)<\/script>/s.exec(page) ?? [];
  return [
    "default-src 'none'",
    `script-src 'self' 'sha256-${createHash('sha256').update(imports).digest('base64')}'`,
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
