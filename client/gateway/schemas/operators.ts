import { z } from 'zod';
import { actResults } from '../../operators/act.ts';
import { MAX_NOTE_LENGTH } from '../../operators/notes.ts';
import { Actor } from './bulk-operations.ts';
import { time } from './journey.ts';
import { PageQuery } from './journeys.ts';

/** Request and response schemas of the routes of acts and notes. */

const actFilter = {
  userId: z.string().optional(),
  by: z.string().optional().describe('The name of the operator.'),
  act: z.string().optional().describe('The name of the act, such as `pause` or `operation`.'),
  result: z.enum(actResults).optional(),
  from: time.optional().describe('Only acts since this time.'),
  to: time.optional().describe('Only acts before this time.'),
};

export const ActQuery = z.strictObject({ ...PageQuery.shape, ...actFilter });
export const ActCsvQuery = z.strictObject(actFilter);

const Act = z.object({
  at: time,
  by: Actor,
  act: z.string().describe('The name of the act, as in the audit log.'),
  userId: z.string().nullable().describe('The user of the act; `null` for several users, or none.'),
  subject: z
    .string()
    .nullable()
    .describe('The resource of an act that is not about a user, such as the path of an operation.'),
  reason: z.string().nullable(),
  parameters: z.record(z.string(), z.unknown()).nullable().describe('The parameters of the request, without user ids.'),
  result: z
    .enum(actResults)
    .describe('`refused`: it was not carried out. `failed`: it was not, or it is unknown whether it was.'),
  status: z.int().describe('The HTTP status of the reply.'),
  requestId: z.string(),
});

export const ActPage = z
  .object({
    items: z.array(Act),
    next: z
      .string()
      .nullable()
      .describe('The cursor of the next page; `null` on the last page. Until then a page may have no items.'),
  })
  .meta({ id: 'ActPage' });

export const NoteBody = z.strictObject({
  text: z.string().min(1).max(MAX_NOTE_LENGTH).describe('One paragraph of plain text.'),
});

export const Note = z.object({ id: z.string(), at: time, by: Actor, text: z.string() }).meta({
  id: 'Note',
  examples: [
    {
      id: '0b5a1f86-2f3b-4a57-9a55-0d6a1cf1f1f7',
      at: '2026-01-31T09:30:00.000Z',
      by: { role: 'operator', name: 'day' },
      text: 'Called us; the number is right.',
    },
  ],
});

export const NotePage = z.object({ items: z.array(Note), next: z.string().nullable() });
