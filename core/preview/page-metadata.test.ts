import { describe, expect, it } from 'vitest';
import { decodeHtml } from './decode-html.ts';
import { imageType } from './image-type.ts';
import { readPageMetadata } from './page-metadata.ts';

function read(head: string) {
  return readPageMetadata(head, 'https://shop.example/spring/index.html');
}

describe('the head of a page', () => {
  it('has a card, in whatever form its attributes are', () => {
    expect(
      read(`<!doctype html><HTML><Head><title>Page &amp; more</title>
      <meta content='Spring &#8211; sale &quot;now&quot;' PROPERTY="og:title"/>
      <meta name=description content=Plain><meta property="og:description" content="Half price
         until&nbsp;Friday">
      <meta property=og:image content=../card.jpg>
      <link href="/touch.png" rel="apple-touch-icon" sizes="180x180"><link rel="shortcut icon" href=i16.png sizes=16x16>
      <link rel="icon" sizes="32x32" href="//cdn.example/i32.png"></head><body><title>Not this</title>`),
    ).toEqual({
      title: 'Spring – sale "now"',
      description: 'Half price until Friday',
      image: 'https://shop.example/card.jpg',
      icons: [
        'https://cdn.example/i32.png',
        'https://shop.example/spring/i16.png',
        'https://shop.example/touch.png',
        'https://shop.example/favicon.ico',
      ],
    });
  });

  it.each([
    ['', null],
    ['<title></title>', null],
    ['<title>  A \n\t title  </title>', 'A title'],
    ['<title>No end', 'No end'],
    ['<title>1 < 2 &unknown; &#x1f338; &#0; &#1114112;</title>', '1 < 2 &unknown; 🌸 &#0; &#1114112;'],
    ['<!-- <title>hidden</title> --><title>Shown</title>', 'Shown'],
    ['<script>"<title>code</title>"</script><title>Shown</title>', 'Shown'],
    ['<style>x</STYLE ><title lang="de">Gezeigt</title>', 'Gezeigt'],
    ['<titles>no</titles><title>Shown</title>', 'Shown'],
    ['<meta property="og:title" content=""><title>Title</title>', 'Title'],
    ['<title>A\u0000B\ud800</title>', 'A B\ufffd'],
    [`<title>${'x'.repeat(300)}</title>`, 'x'.repeat(300)],
    [`<title>${'x'.repeat(301)}</title>`, `${'x'.repeat(299)}…`],
    [`<title>${'x'.repeat(298)}🌸y</title>`, `${'x'.repeat(298)}…`],
    ['</head><title>too late</title>', null],
  ])('%.60s', (html, title) => {
    expect(read(html).title).toBe(title);
  });

  it('keeps what only looks like a character reference', () => {
    expect(read('<title>a&toString;b &valueOf; &unknown; &hellip;</title>').title).toBe(
      'a&toString;b &valueOf; &unknown; …',
    );
  });

  it('has no image that a card could not have', () => {
    for (const image of [
      'http://a.example/i.png',
      'javascript:1',
      'data:image/png;base64,AA',
      'https://u:p@a.example/',
      '',
    ])
      expect(read(`<meta property="og:image" content="${image}">`).image).toBeNull();
    expect(read(`<meta property="og:image" content="https://a.example/${'i'.repeat(2_030)}">`).image).toHaveLength(
      2_048,
    );
    expect(read(`<meta property="og:image" content="https://a.example/${'i'.repeat(2_031)}">`).image).toBeNull();
  });

  it.each([
    ['quotes without an end', '<meta content="'.repeat(40_000)],
    ['tags without an end', '<meta '.repeat(80_000)],
    ['titles without an end', '<title>'.repeat(70_000)],
    ['comments', '<!--'.repeat(120_000)],
    ['attributes', `<meta ${'a=1 '.repeat(120_000)}>`],
    ['blanks', `<meta${' '.repeat(500_000)}`],
    ['equals', `<meta a${' '.repeat(250_000)}=${' '.repeat(250_000)}b>`],
  ])('is read in linear time with %s', (_name, html) => {
    const before = process.cpuUsage();
    read(html);
    const { user } = process.cpuUsage(before);
    expect(user).toBeLessThan(2_000_000);
  });
});

describe('the charset of a page', () => {
  const umlaut = { latin: Uint8Array.of(0xe4, 0x62), utf8: Uint8Array.of(0xc3, 0xa4), russian: Uint8Array.of(0xd4) };
  const ascii = new TextEncoder();
  it.each([
    ['text/html', umlaut.utf8, 'ä'],
    ['text/html', umlaut.latin, 'äb'],
    ['text/html; charset=utf-8', umlaut.latin, '\ufffdb'],
    ['text/html; charset="KOI8-R"', umlaut.russian, 'т'],
    ['text/html; charset=nonsense', umlaut.utf8, 'ä'],
    ['text/html; charset=iso-8859-1', umlaut.latin, 'äb'],
    ['text/html', Uint8Array.of(0x69, 0x74, 0x92, 0x73, 0x20, 0x80), 'it’s €'],
    ['text/html', Uint8Array.of(0xff, 0xfe, 0xe4, 0), 'ä'],
    ['text/html; charset=iso-8859-1', Uint8Array.of(0xef, 0xbb, 0xbf, ...umlaut.utf8), 'ä'],
    ['', Uint8Array.of(...ascii.encode('<meta charset=koi8-r>'), ...umlaut.russian), '<meta charset=koi8-r>т'],
    ['', Uint8Array.of(...ascii.encode('<meta charset=utf-16>'), ...umlaut.utf8), '<meta charset=utf-16>ä'],
  ])('%s', (contentType, bytes, text) => {
    expect(decodeHtml(bytes, contentType)).toBe(text);
  });

  it('omits a character that the end of what was read cuts', () => {
    expect(decodeHtml(Uint8Array.of(...umlaut.utf8, 0xc3), 'text/html')).toBe('ä');
  });
});

it('knows images by their first bytes', () => {
  function bytes(text: string): Uint8Array {
    return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  }
  expect(imageType(bytes('\x89PNG\r\n\x1a\n'))).toBe('image/png');
  expect(imageType(bytes('\xff\xd8\xff\xe0'))).toBe('image/jpeg');
  expect(imageType(bytes('GIF89a'))).toBe('image/gif');
  expect(imageType(bytes('RIFF\n\0\0\0WEBPVP8 '))).toBe('image/webp');
  expect(imageType(bytes('\0\0\x01\0'))).toBe('image/x-icon');
  expect(imageType(bytes('\0\0\0 ftypavif'))).toBe('image/avif');
  for (const other of ['', '<svg xmlns="http://www.w3.org/2000/svg">', '<html>', 'RIFF\n\0\0\0WAVE', 'GIF'])
    expect(imageType(bytes(other))).toBeNull();
});
