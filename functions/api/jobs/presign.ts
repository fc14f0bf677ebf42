import { type Credentials, scopeOf, signatureOf, stampOf } from '#stores/sign-request.ts';

export interface PresignRequest {
  /** Address of the object, its path already encoded: `https://s3.us-east-1.amazonaws.com/bucket/key`. */
  url: URL;
  region: string;
  credentials: Credentials;
  /** Milliseconds since the epoch. */
  now: number;
  seconds: number;
}

const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);

/**
 * Signs a GET of an object by query, as AWS Signature Version 4 has it
 * (docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html).
 */
export const presign = ({ url, region, credentials, now, seconds }: PresignRequest): string => {
  const scope = { region, service: 's3', now };
  const parameters: Record<string, string> = {
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': `${credentials.accessKeyId}/${scopeOf(scope)}`,
    'X-Amz-Date': stampOf(now),
    'X-Amz-Expires': String(seconds),
    ...(credentials.sessionToken !== undefined && { 'X-Amz-Security-Token': credentials.sessionToken }),
    'X-Amz-SignedHeaders': 'host',
  };
  const query = Object.entries(parameters)
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .sort()
    .join('&');
  const canonical = ['GET', url.pathname, query, `host:${url.host}`, '', 'host', 'UNSIGNED-PAYLOAD'].join('\n');
  return `${url.origin}${url.pathname}?${query}&X-Amz-Signature=${signatureOf(canonical, credentials, scope)}`;
};
