import { z } from 'zod';

/** sFOX documents `{"error": "<text>"}`; `{"error": {"message": "<text>"}}` is the other common form. */
const ErrorBody = z.object({
  error: z.union([z.string(), z.object({ message: z.string() }).transform(({ message }) => message)]),
});

/** The text of an error reply; `undefined` if the body has none. */
export function errorText(body: unknown): string | undefined {
  return ErrorBody.safeParse(body).data?.error;
}
