import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { oidcSettings } from '../../../client/config/oidc-settings.ts';

const complete = {
  ONWARD_PUBLIC_URL: 'https://onward.example.com',
  ONWARD_OIDC_ISSUER: 'https://login.example.com/realms/staff',
  ONWARD_OIDC_CLIENT_ID: 'onward',
  ONWARD_OIDC_CLIENT_SECRET: 'hidden-client-credential',
  ONWARD_OIDC_ROLES: 'onward-operators:operator,urn:staff:viewers:viewer',
};

it('reads the settings of logins by OpenID Connect, with defaults for the others', () => {
  expect(oidcSettings(complete)).toEqual({
    publicUrl: new URL('https://onward.example.com'),
    issuer: new URL('https://login.example.com/realms/staff'),
    clientId: 'onward',
    clientSecret: 'hidden-client-credential',
    scope: 'openid profile',
    roleClaim: 'groups',
    roles: new Map([
      ['onward-operators', 'operator'],
      ['urn:staff:viewers', 'viewer'],
    ]),
    nameClaim: 'preferred_username',
    label: 'login.example.com',
  });
});

it('reads the client secret from a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'onward-oidc-'));
  try {
    const path = join(folder, 'secret');
    writeFileSync(path, 'from-a-file\n');
    expect(
      oidcSettings({ ...complete, ONWARD_OIDC_CLIENT_SECRET: '', ONWARD_OIDC_CLIENT_SECRET_FILE: path })?.clientSecret,
    ).toBe('from-a-file');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('is off without any of them, also with a public URL', () => {
  expect(oidcSettings({})).toBeUndefined();
  expect(oidcSettings({ ONWARD_PUBLIC_URL: 'https://onward.example.com', ONWARD_OIDC_LABEL: '' })).toBeUndefined();
  expect(() => oidcSettings({ ONWARD_PUBLIC_URL: 'onward.example.com' })).toThrow(/^ONWARD_PUBLIC_URL must be/);
});

it('names every setting that is missing', () => {
  const named = (env: Record<string, string>) => {
    try {
      oidcSettings(env);
    } catch (error) {
      return (error as Error).message.split('\n').map((line) => line.split(' ')[0]);
    }
    return [];
  };
  const required = Object.keys(complete);
  expect(new Set(named({ ONWARD_OIDC_LABEL: 'Staff' }))).toEqual(new Set(required));
  for (const name of required) expect(named({ ...complete, [name]: '' })).toEqual([name]);
});

it.each([
  ['ONWARD_OIDC_ROLES', 'ops:app', /must be a value .* viewer, operator \(entry 1\)/],
  ['ONWARD_OIDC_ROLES', 'ops:operator,viewers', /\(entry 2\)/],
  ['ONWARD_OIDC_ROLES', 'ops:operator,', /\(entry 2\)/],
  ['ONWARD_OIDC_ROLES', ':operator', /\(entry 1\)/],
  ['ONWARD_OIDC_ROLES', 'ops:operator,ops:viewer', /contain the value 'ops' twice/],
  ['ONWARD_OIDC_SCOPE', 'profile groups', /among them openid/],
  ['ONWARD_OIDC_SCOPE', 'openid  groups', /one space/],
  ['ONWARD_OIDC_ROLE_CLAIM', 'two words', /the name of a claim/],
  ['ONWARD_OIDC_LABEL', 'x'.repeat(41), /at most 40/],
])('rejects %s=%s', (name, value, problem) => {
  expect(() => oidcSettings({ ...complete, [name]: value })).toThrow(problem);
});
