import { createHash, createHmac } from 'node:crypto';

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string | undefined;
}

/** Where and when a signature holds. */
export interface SigningScope {
  region: string;
  /** As AWS names it in signatures: `s3`, `cognito-idp`. */
  service: string;
  /** Milliseconds since the epoch. */
  now: number;
}

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** `20260101T120000Z` */
export const stampOf = (now: number): string => new Date(now).toISOString().replaceAll(/[-:]|\.\d{3}/g, '');

export const scopeOf = ({ region, service, now }: SigningScope): string =>
  `${stampOf(now).slice(0, 8)}/${region}/${service}/aws4_request`;

/** Signature of a canonical request, hex, by AWS Signature Version 4 (docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html). */
export const signatureOf = (canonical: string, { secretAccessKey }: Credentials, scope: SigningScope): string => {
  const key = scopeOf(scope).split('/').reduce<string | Buffer>(hmac, `AWS4${secretAccessKey}`);
  const text = ['AWS4-HMAC-SHA256', stampOf(scope.now), scopeOf(scope), sha256(canonical)].join('\n');
  return hmac(key, text).toString('hex');
};

/** A POST without a query. `headers` by lower-case name; `host` and the date are added. */
export interface UnsignedPost {
  url: URL;
  headers: Readonly<Record<string, string>>;
  body: string;
}

/** The headers of a POST, with those that prove who sends it. */
export const signPost = (
  { url, headers, body }: UnsignedPost,
  credentials: Credentials,
  scope: SigningScope,
): Record<string, string> => {
  const sent: Record<string, string> = {
    ...headers,
    'x-amz-date': stampOf(scope.now),
    ...(credentials.sessionToken !== undefined && { 'x-amz-security-token': credentials.sessionToken }),
  };
  const signed = Object.entries({ ...sent, host: url.host }).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const names = signed.map(([name]) => name).join(';');
  const lines = signed.map(([name, value]) => `${name}:${value}`);
  const canonical = ['POST', url.pathname, '', ...lines, '', names, sha256(body)].join('\n');
  const signature = signatureOf(canonical, credentials, scope);
  const credential = `${credentials.accessKeyId}/${scopeOf(scope)}`;
  return {
    ...sent,
    authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`,
  };
};
