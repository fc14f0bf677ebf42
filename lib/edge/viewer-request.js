// CloudFront Function (cloudfront-js-2.0), on each request before it leaves the edge. Loaded as it is, with no build:
// CloudFront runs one file of up to 10 KB and knows no import. Its header names are those of schemas/edge-headers.ts;
// a test holds them together.

const olderPurposeHeaders = ['purpose', 'x-purpose', 'x-moz'];
const replayHeaders = ['x-replay-ip', 'x-replay-time', 'x-replay-page'];

// An origin request policy carries 10 headers; these fold into two of them.
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

// The dashboard routes in the browser: a path that names no file is its index.
function dashboardFile(uri) {
  if (uri !== '/app' && !uri.startsWith('/app/')) return uri;
  return uri.slice(uri.lastIndexOf('/')).includes('.') ? uri : '/app/index.html';
}

// oxlint-disable-next-line no-unused-vars -- CloudFront calls it by this name
function handler(event) {
  const request = event.request;
  for (const name of replayHeaders) delete request.headers[name];
  foldHeaders(request.headers);
  request.uri = dashboardFile(request.uri);
  return request;
}
