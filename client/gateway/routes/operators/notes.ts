import { z } from 'zod';
import type { Notes } from '../../../operators/notes.ts';
import { checkUserId } from '../../../validation.ts';
import { problemResponses } from '../../plugins/problems.ts';
import { callerOf, json, requireRole, requiresRole, secured, withBody } from '../../route-helpers.ts';
import type { App } from '../../route-helpers.ts';
import { UserParams } from '../../schemas/journey.ts';
import { PageQuery } from '../../schemas/journeys.ts';
import { Note, NoteBody, NotePage } from '../../schemas/operators.ts';

const noteId = z.uuid().describe('The id of the note.');

/** The subjects of notes: a person, or the shift. */
const subjects = {
  person: {
    path: '/v1/users/:id/notes',
    params: UserParams,
    noun: 'on a person',
    ids: { list: 'notes', add: 'addNote', remove: 'removeNote' },
  },
  shift: {
    path: '/v1/notes',
    params: z.object({}),
    noun: 'for the shift, which are stored for seven days',
    ids: { list: 'shiftNotes', add: 'addShiftNote', remove: 'removeShiftNote' },
  },
} as const;
type Subject = keyof typeof subjects;

/** Registers the routes of the operators' notes. */
export async function noteRoutes(app: App, { notes }: { notes: Notes }): Promise<void> {
  for (const subject of ['person', 'shift'] as const) {
    listRoute(app, notes, subject);
    addRoute(app, notes, subject);
    removeRoute(app, notes, subject);
  }
}

const about = (operationId: string, summary: string, isRead: boolean) => ({
  operationId,
  tags: ['notes'],
  summary,
  description: isRead ? requiresRole('viewer', 'operator') : requiresRole('operator'),
  security: secured,
});

/** The user of the path; `null` for the shift. */
function userOf(params: unknown): string | null {
  const { id } = params as { id?: string };
  if (id === undefined) return null;
  checkUserId(id);
  return id;
}

function listRoute(app: App, notes: Notes, subject: Subject): void {
  const { path, params, noun, ids } = subjects[subject];
  app.get(
    path,
    {
      config: { roles: ['viewer'] },
      schema: {
        ...about(ids.list, `Lists the notes ${noun}, the most recent first.`, true),
        params,
        querystring: PageQuery,
        response: { 200: json('A page of notes.', NotePage), ...problemResponses(...requireRole, 'unavailable') },
      },
    },
    async ({ params: given, query: { limit, cursor } }) => {
      const { items, next } = await notes.list(userOf(given), limit, cursor);
      return { items: [...items], next };
    },
  );
}

function addRoute(app: App, notes: Notes, subject: Subject): void {
  const { path, params, noun, ids } = subjects[subject];
  app.post(
    path,
    {
      config: { roles: ['operator'], act: 'addNote' },
      schema: {
        ...about(ids.add, `Adds a note to those ${noun}.`, false),
        params,
        body: NoteBody,
        response: { 201: json('The note.', Note), ...problemResponses(...withBody, 'not_found', 'unavailable') },
      },
    },
    async (request, reply) => {
      reply.code(201);
      return notes.add(userOf(request.params), request.body.text, callerOf(request));
    },
  );
}

function removeRoute(app: App, notes: Notes, subject: Subject): void {
  const { path, params, noun, ids } = subjects[subject];
  app.delete(
    `${path}/:note`,
    {
      config: { roles: ['operator'], act: 'removeNote' },
      schema: {
        ...about(ids.remove, `Removes a note from those ${noun}.`, false),
        params: params.extend({ note: noteId }),
        response: {
          200: json('The note that was removed.', Note),
          ...problemResponses(...withBody, 'not_found', 'unavailable'),
        },
      },
    },
    ({ params: given }) => notes.remove(userOf(given), given.note),
  );
}
