import { rm } from 'node:fs/promises';

export default async function globalTeardown() {
  const { folder, postgres, server } = globalThis.production;
  await server?.stop();
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
}
