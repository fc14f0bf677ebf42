import { createServer } from 'node:http';

/** The opponent: a Node server that redirects every path, and does nothing else. Ends with its parent. */
const server = createServer((request, response) => {
  response.writeHead(302, { location: `https://example.com${request.url}`, 'content-length': 0 }).end();
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.(typeof address === 'object' && address ? address.port : 0);
});
process.once('disconnect', () => process.exit(0));
