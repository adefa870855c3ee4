import { AsyncLocalStorage } from 'node:async_hooks';
import type { ConnectionLike } from '@temporalio/client';

/** Default deadline of a call to Temporal, in milliseconds. It lets a gateway answer 503 within five seconds. */
export const CALL_TIMEOUT_MS = 3_000;

/** Default deadline for workers and command line tools, which can give a busy server more time. */
export const PATIENT_CALL_TIMEOUT_MS = 10_000;

/** The server ends a long poll after 20 seconds. After this time the connection is dead. */
const LONG_POLL_TIMEOUT_MS = 30_000;

type Call = (this: unknown, request: object, ...rest: readonly unknown[]) => unknown;
type Rpc = (request: object, ...rest: readonly unknown[]) => unknown;

/**
 * Gives every call on a connection a deadline. gRPC has no default deadline, so a server that accepts connections and never
 * answers would block its caller forever. A deadline that the caller sets by `withDeadline` takes precedence.
 *
 * @param timeout milliseconds for a call that is not a long poll
 * @returns a proxy of the connection, for clients; close the original connection
 */
export function withCallDeadlines<C extends ConnectionLike>(connection: C, timeout: number): C {
  const hasDeadline = new AsyncLocalStorage<true>();
  const withDeadline: ConnectionLike['withDeadline'] = (deadline, act) =>
    hasDeadline.run(true, () => connection.withDeadline(deadline, act));
  const limited = (name: string, call: Call, service: object): Rpc => {
    return (request, ...rest) => {
      const send = () => call.call(service, request, ...rest);
      if (hasDeadline.getStore() === true) return send();
      const wait = isLongPoll(name, request) ? Math.max(timeout, LONG_POLL_TIMEOUT_MS) : timeout;
      return connection.withDeadline(Date.now() + wait, async () => send());
    };
  };
  const services = new Map<unknown, object>();
  const limitedService = (service: object): object =>
    new Proxy(service, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' && typeof name === 'string' ? limited(name, value as Call, target) : value;
      },
    });
  return new Proxy(connection, {
    get(target, name) {
      if (name === 'withDeadline') return withDeadline;
      const value: unknown = Reflect.get(target, name);
      if (typeof value === 'function') return value.bind(target) as unknown;
      if (typeof value !== 'object' || value === null || !isService(name)) return value;
      const known = services.get(value) ?? limitedService(value);
      services.set(value, known);
      return known;
    },
  });
}

const isService = (name: string | symbol) => name === 'workflowService' || name === 'operatorService';

/** Whether the server may delay the reply until there is a result. */
function isLongPoll(name: string, request: object): boolean {
  if (name === 'getWorkflowExecutionHistory') return 'waitNewEvent' in request && request.waitNewEvent === true;
  return name === 'updateWorkflowExecution' || name === 'pollWorkflowExecutionUpdate';
}
