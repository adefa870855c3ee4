import { AuthorizationResponseError, ClientError, ResponseBodyError } from 'openid-client';

/** Why a login failed: `message` is for the person, `reason` for the log. Neither contains a token, a code or a claim. */
export interface LoginFailure {
  readonly status: 400 | 403 | 502 | 503;
  readonly message: string;
  readonly reason: string;
}

const AGAIN = 'Begin again from the login page.';
const NETWORK_ERRORS: ReadonlySet<unknown> = new Set(['OAUTH_TIMEOUT', 'OAUTH_ABORT', 'OAUTH_RESPONSE_IS_NOT_CONFORM']);

export const noAttempt: LoginFailure = {
  status: 400,
  message: `This login did not begin in this browser, was completed already, or took longer than ten minutes. ${AGAIN}`,
  reason: 'no attempt',
};

/** Explains an error of `openid-client`. The message and the cause of the error contain what the provider sent, so they are not used. */
export function explainFailure(error: unknown): LoginFailure {
  if (error instanceof AuthorizationResponseError) {
    const name = nameOfError(error.error);
    return { status: 403, message: `The provider refused the login: ${name}.`, reason: name };
  }
  if (error instanceof ResponseBodyError) return explainTokenError(nameOfError(error.error));
  const code = error instanceof ClientError ? (error.code ?? 'unknown') : 'no reply';
  // A TypeError is fetch's error for a failed connection.
  if (error instanceof TypeError || NETWORK_ERRORS.has(code)) {
    return { status: 503, message: 'The provider does not respond. Log in with a token meanwhile.', reason: code };
  }
  return {
    status: 502,
    message: `The provider's reply is not valid, so you are not logged in. ${AGAIN}`,
    reason: code,
  };
}

function explainTokenError(name: string): LoginFailure {
  if (name === 'invalid_grant') {
    return { status: 400, message: `This login was completed already, or has expired. ${AGAIN}`, reason: name };
  }
  const advice = name === 'invalid_client' ? ' Check ONWARD_OIDC_CLIENT_ID and ONWARD_OIDC_CLIENT_SECRET.' : '';
  return { status: 502, message: `The provider refused to return an ID token: ${name}.${advice}`, reason: name };
}

/** Returns an error code of OAuth 2.0. The code in the query comes from the browser and may be any text. */
function nameOfError(text: string): string {
  return /^[a-z_]{1,50}$/.test(text) ? text : 'an unknown error';
}
