// CloudFront Function (cloudfront-js-2.0) for viewer requests. Deployed without a build: CloudFront runs one file of up to
// 10 KB and has no imports. A test verifies that the header names are those of schemas/edge-headers.ts and of
// forwarded-headers.ts.

const olderPurposeHeaders = ['purpose', 'x-purpose', 'x-moz'];
const replayHeaders = ['x-replay-ip', 'x-replay-time', 'x-replay-page'];

// An origin request policy forwards 10 headers at most, so older headers are translated into two standard ones.
function foldHeaders(headers) {
  for (const name of olderPurposeHeaders) {
    const header = headers[name];
    if (!header) continue;
    if (!headers['sec-purpose'] && /prefetch|preview/i.test(header.value))
      headers['sec-purpose'] = { value: 'prefetch' };
    delete headers[name];
  }
  if (!headers['sec-gpc'] && headers['dnt'] && headers['dnt'].value === '1') headers['sec-gpc'] = { value: '1' };
  delete headers['dnt'];
}

// Client hints that browsers send without being asked. The longest comes last, where a limit would cut it.
const clientHintHeaders = ['sec-ch-ua-mobile', 'sec-ch-ua-platform', 'sec-ch-ua'];
const packedHeaders = [
  'authorization',
  'x-write-key',
  'openpanel-client-id',
  'openpanel-client-secret',
  'access-control-request-headers',
].concat(clientHintHeaders);

// SDKs post below /e/ and, if they keep no path, to /v1/batch. forwarded-headers.ts says why their headers are packed.
function packHeaders(request) {
  const headers = request.headers;
  delete headers['x-sdk-headers'];
  delete headers['x-client-hints'];
  const fromSdk = request.uri.startsWith('/e/') || request.uri === '/v1/batch';
  if (fromSdk) moveInto('x-sdk-headers', packedHeaders, headers, []);
  else moveInto('x-client-hints', clientHintHeaders, headers, askedHost(headers));
  if (fromSdk && request.method === 'POST') headers['content-type'] = { value: 'application/octet-stream' };
}

// Redirect answers by domain, and origins get their own host. A function may read this header, but not change it.
function askedHost(headers) {
  return headers.host ? [`host=${encodeURIComponent(headers.host.value.slice(0, 255))}`] : [];
}

// Moves headers into one, as a query string.
function moveInto(target, names, headers, first) {
  const packed = first;
  for (const name of names) {
    if (headers[name]) packed.push(`${name}=${encodeURIComponent(cut(headers[name].value))}`);
    delete headers[name];
  }
  if (packed.length > 0) headers[target] = { value: packed.join('&') };
}

// encodeURIComponent throws for half of a surrogate pair, which a cut may leave.
function cut(value) {
  return value.slice(0, 500).replace(/[\ud800-\udfff]/g, '');
}

// The dashboard routes in the browser, so every path without a file name serves its index.
function dashboardFile(uri) {
  // The API serves shares that are embedded, with a policy of their own.
  if ((uri !== '/app' && !uri.startsWith('/app/')) || uri.startsWith('/app/embed/')) return uri;
  return uri.slice(uri.lastIndexOf('/')).includes('.') ? uri : '/app/index.html';
}

// oxlint-disable-next-line no-unused-vars -- CloudFront calls it by this name
function handler(event) {
  const request = event.request;
  for (const name of replayHeaders) delete request.headers[name];
  foldHeaders(request.headers);
  packHeaders(request);
  if (request.uri.startsWith('/api/')) request.headers['x-viewer-address'] = { value: event.viewer.ip };
  request.uri = dashboardFile(request.uri);
  return request;
}
