import { catalogue } from '../plugins/problems.ts';
import { signupRequest, signupSchemas } from './signup-events.ts';

type Members = Record<string, unknown>;

/** The parts of an OpenAPI document that are completed. */
interface GeneratedDocument {
  readonly paths?: object;
  readonly webhooks?: object;
  readonly components?: { readonly schemas?: object };
}

const METHODS: ReadonlySet<string> = new Set(['get', 'put', 'post', 'delete', 'options', 'head', 'patch']);

/** The statuses of problems that can carry `Retry-After`. */
const RETRYABLE_STATUSES: ReadonlySet<string> = new Set(
  Object.values(catalogue)
    .filter(({ status }) => status === 429 || status === 503)
    .map(({ status }) => String(status)),
);

const retryAfter = {
  description: 'Wait this many seconds before you retry.',
  schema: { type: 'integer', minimum: 1 },
};

/**
 * Completes the document that was generated from the schemas of the routes with what those schemas cannot express: the signed
 * request of sign-up events, `Retry-After`, operations without authentication, and replies without a body.
 */
export function completeDocument<D extends GeneratedDocument>(document: D): D {
  const paths = mapMembers(document.paths, (item, path) =>
    mapMembers(item, (operation, method) => (METHODS.has(method) ? completeOperation(path, operation) : operation)),
  );
  const schemas = referencedSchemas(
    { paths, webhooks: document.webhooks },
    { ...document.components?.schemas, ...signupSchemas },
  );
  return { ...document, paths, components: { ...document.components, schemas } };
}

function completeOperation(path: string, operation: unknown): Members {
  const members = membersOf(operation);
  return {
    ...members,
    ...(path === '/v1/events' && signupRequest),
    security: members['security'] ?? [],
    responses: mapMembers(members['responses'], completeResponse),
  };
}

function completeResponse(response: unknown, status: string): Members {
  const { content, ...members } = membersOf(response);
  if (status === '204') return members;
  const isProblem = 'application/problem+json' in membersOf(content);
  const headers = { ...membersOf(members['headers']), 'Retry-After': retryAfter };
  return { ...members, ...(isProblem && RETRYABLE_STATUSES.has(status) && { headers }), content };
}

/** Returns the schemas that the document refers to, directly or through another schema. */
function referencedSchemas(root: object, schemas: Members): Members {
  const referenced = new Set<string>();
  const visit = (value: unknown): void => {
    for (const [, name = ''] of JSON.stringify(value).matchAll(/"#\/components\/schemas\/([^"/]+)"/g)) {
      if (referenced.has(name)) continue;
      referenced.add(name);
      visit(schemas[name] ?? {});
    }
  };
  visit(root);
  return Object.fromEntries(Object.entries(schemas).filter(([name]) => referenced.has(name)));
}

function mapMembers(value: unknown, map: (member: unknown, name: string) => unknown): Members {
  return Object.fromEntries(Object.entries(membersOf(value)).map(([name, member]) => [name, map(member, name)]));
}

const membersOf = (value: unknown): Members => (typeof value === 'object' && value !== null ? { ...value } : {});
