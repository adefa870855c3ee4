import { serveRequests, argument } from '../harness/serve-requests.ts';

/** Runs one of the `pages` in a separate process. The pages do not depend on the benchmark. */

const { page, port } = argument as { readonly page: string; readonly port: number };

// Restate's SDK needs `Promise.withResolvers`, which Node 20 lacks.
Object.assign(Promise, {
  withResolvers: () => {
    let [resolve, reject]: ((value: unknown) => void)[] = [];
    const promise = new Promise((done, fail) => ([resolve, reject] = [done, fail]));
    return { promise, resolve, reject };
  },
});

const { serve } = (await import(page)) as { readonly serve: (port: number) => Promise<unknown> };
await serve(port);
serveRequests({}, () => {});
