import { answering, given } from '../stand/answering.ts';

/** A worker of what Onward is compared with, in a process of its own: one of the `pages`, which knows nothing of the bench. */

const { page, port } = given as { readonly page: string; readonly port: number };

// Restate's SDK counts on it, and Node 20 has none.
Object.assign(Promise, {
  withResolvers: () => {
    let [resolve, reject]: ((value: unknown) => void)[] = [];
    const promise = new Promise((done, fail) => ([resolve, reject] = [done, fail]));
    return { promise, resolve, reject };
  },
});

const { serve } = (await import(page)) as { readonly serve: (port: number) => Promise<unknown> };
await serve(port);
answering({}, () => {});
