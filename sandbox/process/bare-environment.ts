import { env } from 'node:process';

/** The variables that another program needs to find its files and the network. None of them is a setting of Onward. */
const NEEDED =
  /^(PATH|HOME|USER|LOGNAME|SHELL|TMPDIR|TEMP|TMP|LANG|LC_\w+|TZ|XDG_\w+|SYSTEMROOT|GO\w*|CGO_\w+|SSL_CERT_\w+|NODE_EXTRA_CA_CERTS|(HTTPS?|NO|ALL)_PROXY)$/i;

/** Returns the environment for a program that Onward runs but did not write: it must not see any secret. */
export function bareEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => NEEDED.test(name)));
}
