import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';

interface LockFile {
  readonly packages: Record<string, { readonly integrity?: string; readonly link?: boolean }>;
}

it.each(['package-lock.json', 'bench/rivals/package-lock.json'])('has the hash of every package: %s', (file) => {
  const { packages } = JSON.parse(readFileSync(file, 'utf8')) as LockFile;
  const fetched = Object.entries(packages).filter(([name, { link }]) => name !== '' && link !== true);
  expect(fetched.length).toBeGreaterThan(10);
  const without = fetched.filter(([, { integrity }]) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? ''));
  expect(without.map(([name]) => name)).toEqual([]);
});
