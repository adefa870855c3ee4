import { escapeHtml } from '../../presentation/escape-html.ts';

/** Returns the page, without scripts, that a browser shows after a failed login by OpenID Connect. */
export const failurePage = (message: string) => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>Login failed · Onward</title>
    <link rel="icon" href="/console/icon.svg" />
    <link rel="stylesheet" href="/console/fonts/inter.css" />
    <link rel="stylesheet" href="/console/styles/style.css" />
    <link rel="stylesheet" href="/console/styles/frame.css" />
    <link rel="stylesheet" href="/console/styles/parts.css" />
    <link rel="stylesheet" href="/console/styles/forms.css" />
  </head>
  <body>
    <main class="login">
      <div class="card">
        <h1>Login failed</h1>
        <p role="alert">${escapeHtml(message)}</p>
        <p><a class="button" href="/console/">Back to the login page</a></p>
      </div>
    </main>
  </body>
</html>
`;
