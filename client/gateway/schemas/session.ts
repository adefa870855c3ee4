import { z } from 'zod';
import { environmentColours } from '../../config/deployment-environment.ts';
import { roles } from '../../../workflows/journey/roles.ts';

/** Request and response schemas of the console's session. */

export const Login = z.strictObject({
  token: z.string().min(1).max(1_024).describe('The token of a viewer or an operator.'),
});

export const Principal = z.object({
  role: z.enum(roles),
  name: z.string(),
  temporalUi: z.string().nullable().describe('The address of the Temporal UI; `null` if none is configured.'),
  environment: z
    .object({ name: z.string(), colour: z.enum(environmentColours) })
    .nullable()
    .describe('The name and colour of this deployment; `null` if none is configured.'),
});

export const OidcProviderName = z.object({
  name: z.string().nullable().describe('The name of the provider; `null` if people log in with a token only.'),
});

export const OidcLogin = z.strictObject({
  returnTo: z.string().max(2_048).describe('The path of the console to show after the login.'),
});

export const OidcRedirect = z.object({ url: z.url().describe('The login page of the provider.') });
