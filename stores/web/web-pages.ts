import { describeProblem, mostHops, nextHop } from '#core/alerts/destination-status.ts';
import { decodeHtml } from '#core/preview/decode-html.ts';
import { imageType } from '#core/preview/image-type.ts';
import { type PageMetadata, readPageMetadata } from '#core/preview/page-metadata.ts';
import { createPublicRequest, type PublicRequestOptions, within } from './public-request.ts';

export interface WebPagesOptions extends PublicRequestOptions {
  /** Whether a URL with this port is requested. @default 80 and 443 */
  isAllowedPort?: (port: string) => boolean;
  /** Milliseconds for a page with its redirects and pictures. @default 8,000 */
  total?: number;
}

/** A page as previews show it. Pictures are data URLs, so that browsers request nothing from its site. */
export interface WebPage extends Pick<PageMetadata, 'title' | 'description' | 'image'> {
  icon: string | null;
  /** The image itself, if it is small enough to be shown. */
  picture: string | null;
}

export type WebPageResult = { kind: 'page'; page: WebPage } | { kind: 'failed'; reason: string };

export interface WebPages {
  /** Reads a page of the web. */
  read: (url: string) => Promise<WebPageResult>;
  /** Returns the icon of a site as a data URL; null without one. */
  icon: (host: string) => Promise<string | null>;
}

/** Bytes that are read: the head of most pages is below 100 KB. */
const limits = { html: 512_000, icon: 20_000, picture: 600_000 } as const;

const userAgent = 'hopcount-preview/1 (bot; reads the title and card of a page for whoever links to it)';

/** Creates a reader of web pages that users name. It requests public addresses only, each redirect checked again. */
export function createWebPages({
  isAllowedPort = isWebPort,
  total = 8_000,
  ...options
}: WebPagesOptions = {}): WebPages {
  const request = createPublicRequest(options);

  async function fetch(address: string, { accept, mostBytes }: { accept: string; mostBytes: number }) {
    let at = URL.parse(address);
    for (let hop = 0; hop <= mostHops; hop++) {
      if (at === null) return failed('is not a valid URL');
      if (!isAllowedPort(at.port)) return failed(`has the port ${at.port}`);
      const response = await request(at, { method: 'GET', userAgent, accept, mostBytes });
      const next = nextHop(response, at.href);
      if (next === undefined) {
        if (response.kind === 'failed') return response;
        return response.status < 400
          ? { ...response, kind: 'found' as const, address: at.href }
          : failed(describeProblem(response) ?? `returns HTTP ${response.status}`);
      }
      at = URL.parse(next);
    }
    return failed(`redirects more than ${mostHops} times`);
  }

  async function readHead(address: string): Promise<PageMetadata | { kind: 'failed'; reason: string }> {
    const found = await fetch(address, { accept: 'text/html,application/xhtml+xml', mostBytes: limits.html });
    if (found.kind === 'failed') return found;
    const isPage = /^\s*(text\/html|application\/xhtml\+xml)\b/i.test(found.contentType);
    return readPageMetadata(isPage ? decodeHtml(found.body, found.contentType) : '', found.address);
  }

  async function readImage(address: string, most: number): Promise<string | null> {
    const found = await fetch(address, { accept: 'image/*', mostBytes: most + 1 });
    const type = found.kind === 'failed' || found.body.length > most ? null : imageType(found.body);
    return found.kind === 'failed' || type === null ? null : `data:${type};base64,${found.body.toString('base64')}`;
  }

  async function readIcon(addresses: readonly string[]): Promise<string | null> {
    for (const address of addresses.slice(0, iconsTried)) {
      const icon = await readImage(address, limits.icon);
      if (icon !== null) return icon;
    }
    return null;
  }

  async function read(address: string): Promise<WebPageResult> {
    const found = await readHead(address);
    if ('kind' in found) return found;
    const { title, description, image, icons } = found;
    // A slow picture does not keep the title waiting.
    const [icon, picture] = await Promise.all([
      within(pictureTimeout, readIcon(icons), null),
      within(pictureTimeout, image === null ? Promise.resolve(null) : readImage(image, limits.picture), null),
    ]);
    return { kind: 'page', page: { title, description, image, icon, picture } };
  }

  async function icon(host: string): Promise<string | null> {
    const found = await readHead(`https://${host}/`);
    return readIcon('kind' in found ? [`https://${host}/favicon.ico`] : found.icons);
  }

  return {
    read: (url) => within<WebPageResult>(total, read(url), failed(`does not respond within ${total / 1000} s`)),
    icon: (host) => within(total, icon(host), null),
  };
}

const iconsTried = 3;

/** Milliseconds. */
const pictureTimeout = 3_000;

function failed(reason: string): { kind: 'failed'; reason: string } {
  return { kind: 'failed', reason };
}

function isWebPort(port: string): boolean {
  return port === '' || port === '80' || port === '443';
}
