import type { ApiDocument, Operation } from './document.ts';
import { sampleOf } from './samples.ts';

export interface RequestExample {
  curl: string;
  typescript: string;
}

/** Returns a request of the route as a command of curl and as TypeScript, with the parameters and fields that it needs. */
export function requestExample(operation: Operation, { server, schemas }: ApiDocument): RequestExample {
  const request: Request = {
    method: operation.method.toUpperCase(),
    url: server + examplePath(operation, schemas),
    scheme: schemes[operation['x-callers']] ?? 'Bearer',
    body: operation.body && JSON.stringify(sampleOf(operation.body, schemas, 'required'), null, 2),
  };
  return { curl: toCurl(request), typescript: toTypeScript(request, operation.success.schema !== undefined) };
}

/** Scheme of `authorization` by the callers of a route; for others, `Bearer`. */
const schemes: Readonly<Record<string, Request['scheme']>> = { share: 'Share', anyone: 'none' };

/** Parameters that have an example are shown even if they are optional. */
function examplePath({ path, parameters }: Operation, schemas: ApiDocument['schemas']): string {
  const values = parameters.map((parameter) => ({
    ...parameter,
    value: String(sampleOf(parameter.schema, schemas, 'required')),
  }));
  const filled = values.reduce(
    (url, { name, value }) => url.replace(`{${name}}`, () => encodeURIComponent(value)),
    path,
  );
  const query = values
    .filter((parameter) => parameter.in === 'query' && (parameter.required || parameter.schema.example !== undefined))
    .map(({ name, value }) => `${name}=${encodeURIComponent(value).replace(/%2[CF]/g, decodeURIComponent)}`);
  return query.length === 0 ? filled : `${filled}?${query.join('&')}`;
}

interface Request {
  method: string;
  url: string;
  scheme: 'Bearer' | 'Share' | 'none';
  /** JSON. */
  body: string | undefined;
}

function toCurl({ method, url, scheme, body }: Request): string {
  return [
    `curl ${method === 'GET' ? '' : `-X ${method} `}${quoteForShell(url)}`,
    ...(scheme === 'none' ? [] : [`-H "authorization: ${scheme} $${variables[scheme]}"`]),
    ...(body === undefined
      ? []
      : ["-H 'content-type: application/json'", `-d ${quoteForShell(body.replaceAll('\n', '\n  '))}`]),
  ].join(' \\\n  ');
}

const variables = { Bearer: 'HOPCOUNT_TOKEN', Share: 'HOPCOUNT_SHARE' } as const;

function quoteForShell(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function toTypeScript({ method, url, scheme, body }: Request, hasResponse: boolean): string {
  const headers = [
    ...(scheme === 'none' ? [] : [`authorization: \`${scheme} \${process.env.${variables[scheme]}}\``]),
    ...(body === undefined ? [] : ["'content-type': 'application/json'"]),
  ];
  const options = [
    ...(method === 'GET' ? [] : [`  method: '${method}',\n`]),
    ...(headers.length === 0 ? [] : [`  headers: { ${headers.join(', ')} },\n`]),
    // JSON is a TypeScript expression.
    ...(body === undefined ? [] : [`  body: JSON.stringify(${body.replaceAll('\n', '\n  ')}),\n`]),
  ];
  return [
    `const response = await fetch(${JSON.stringify(url)}${options.length === 0 ? '' : `, {\n${options.join('')}}`});`,
    'if (!response.ok) throw new Error(await response.text());',
    ...(hasResponse ? ['const result = await response.json();'] : []),
  ].join('\n');
}
