/** A request that is shown as a curl command. */
export type CurlRequest =
  | { readonly method: 'GET'; readonly path: string }
  | {
      readonly method: 'POST' | 'DELETE';
      readonly path: string;
      readonly body: Readonly<Record<string, unknown>>;
      /** The idempotency key: the command has one effect, however often it runs. */
      readonly key: string;
    };

const shellQuote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

/** Formats a request as a curl command that runs as pasted. It reads the token from `ONWARD_TOKEN` and never contains it. */
export function curlOf(request: CurlRequest, origin = location.origin): string {
  const { method, path } = request;
  return [
    `curl ${method === 'GET' ? '' : `-X ${method} `}${shellQuote(`${origin}${path}`)}`,
    `-H "Authorization: Bearer $ONWARD_TOKEN"`,
    ...(request.method === 'GET'
      ? []
      : [
          `-H 'content-type: application/json'`,
          `-H 'idempotency-key: ${request.key}'`,
          `-d ${shellQuote(JSON.stringify(request.body))}`,
        ]),
  ].join(' \\\n  ');
}
