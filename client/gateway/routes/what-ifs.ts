import { z } from 'zod';
import type { WhatIf } from '../../what-ifs/read.ts';
import type { WhatIfs } from '../../what-ifs/what-ifs.ts';
import { ProblemError, problemResponses } from '../plugins/problems.ts';
import { json, requireRole, requiresRole, secured, withBody, withoutUndefined } from '../route-helpers.ts';
import type { App } from '../route-helpers.ts';
import { PageQuery } from '../schemas/journeys.ts';
import { WhatIf as WhatIfSchema, WhatIfBody, WhatIfId, WhatIfPage, WhatIfReport } from '../schemas/what-ifs.ts';

const about = (operationId: string, summary: string) => ({
  operationId,
  tags: ['what-ifs'],
  summary,
  description: requiresRole('viewer', 'operator'),
  security: secured,
});

const one = { params: z.object({ id: z.string().describe('The id of the what-if.') }) };

/** Registers the routes of what-ifs. A viewer may start one, since it changes nothing. */
export async function whatIfRoutes(app: App, { whatIfs }: { whatIfs: WhatIfs }): Promise<void> {
  stopRoute(app, whatIfs);
  app.post(
    '/v1/what-ifs',
    {
      config: { roles: ['viewer'], act: 'whatIf' },
      schema: {
        ...about(
          'startWhatIf',
          'Compares real journeys with what they would have been under another policy. A caller may have one running, all together five.',
        ),
        body: WhatIfBody,
        response: { 202: json('The what-if was started.', WhatIfId), ...problemResponses(...withBody, 'unavailable') },
      },
    },
    async ({ body: { filter = {}, ...body }, holder }, reply) => {
      const request = { ...withoutUndefined(body), filter: withoutUndefined(filter) };
      const { id } = await whatIfs.start(request, holder?.name ?? '');
      reply.code(202).header('location', `/v1/what-ifs/${id}`);
      return { id };
    },
  );
  app.get(
    '/v1/what-ifs',
    {
      config: { roles: ['viewer'] },
      schema: {
        ...about('whatIfs', 'Lists what-ifs, the most recent first.'),
        querystring: PageQuery,
        response: { 200: json('A page of what-ifs.', WhatIfPage), ...problemResponses(...requireRole, 'unavailable') },
      },
    },
    async ({ query: { limit, cursor } }) => {
      const { items, next } = await whatIfs.list(limit, cursor);
      return { items: items.map(toResponse).filter(isReadable), next };
    },
  );
  app.get(
    '/v1/what-ifs/:id',
    {
      config: { roles: ['viewer'] },
      schema: {
        ...about('whatIf', 'Returns the totals of a what-if and the result for each journey that differs.'),
        ...one,
        querystring: PageQuery,
        response: {
          200: json('The what-if and a page of journeys.', WhatIfReport),
          ...problemResponses(...requireRole, 'not_found', 'unavailable'),
        },
      },
    },
    async ({ params: { id }, query }) => {
      const report = await whatIfs.get(id, withoutUndefined(query));
      const { data } = WhatIfReport.safeParse(report);
      if (data === undefined) throw new ProblemError('not_found', 'this release cannot read the what-if');
      return data;
    },
  );
}

function stopRoute(app: App, whatIfs: WhatIfs): void {
  app.post(
    '/v1/what-ifs/:id/stop',
    {
      config: { roles: ['viewer'], act: 'stopWhatIf' },
      schema: {
        ...about('stopWhatIf', 'Stops a what-if, of any caller. The results so far can still be read.'),
        ...one,
        response: {
          200: json('The what-if, which is stopped or had ended.', WhatIfSchema),
          ...problemResponses(...withBody, 'not_found', 'unavailable'),
        },
      },
    },
    async ({ params: { id } }) => toResponse(await whatIfs.stop(id)),
  );
}

/** A what-if of another release may have a policy that this one does not accept. */
const isReadable = (whatIf: unknown) => WhatIfSchema.safeParse(whatIf).success;

const toResponse = <W extends WhatIf>(whatIf: W) => ({ ...whatIf, policies: [...whatIf.policies] });
